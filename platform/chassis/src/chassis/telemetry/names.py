"""Names of what chassis emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

SERVICE_NAME: Final = "service.name"
SERVICE_VERSION: Final = "service.version"
SERVICE_INSTANCE_ID: Final = "service.instance.id"
DEPLOYMENT_ENVIRONMENT_NAME: Final = "deployment.environment.name"
PROCESS_PID: Final = "process.pid"
PROCESS_RUNTIME_NAME: Final = "process.runtime.name"
PROCESS_RUNTIME_VERSION: Final = "process.runtime.version"
TELEMETRY_SDK_LANGUAGE: Final = "telemetry.sdk.language"
TELEMETRY_SDK_NAME: Final = "telemetry.sdk.name"
TELEMETRY_SDK_VERSION: Final = "telemetry.sdk.version"
CORRELATION_ID: Final = "correlation.id"
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"
OTLP_SIGNAL: Final = "otlp.signal"
OTLP_ITEMS: Final = "otlp.items"
OTLP_QUEUED: Final = "otlp.queued"
DB_SYSTEM_NAME: Final = "db.system.name"
DB_NAMESPACE: Final = "db.namespace"
DB_OPERATION_NAME: Final = "db.operation.name"
DB_COLLECTION_NAME: Final = "db.collection.name"
DB_QUERY_TEXT: Final = "db.query.text"
DB_RESPONSE_STATUS_CODE: Final = "db.response.status_code"
DB_CLIENT_CONNECTION_STATE: Final = "db.client.connection.state"
HEALTH_CHECK_NAME: Final = "health.check.name"
HTTP_REQUEST_METHOD: Final = "http.request.method"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
HTTP_ROUTE: Final = "http.route"
HTTP_REQUEST_RESEND_COUNT: Final = "http.request.resend_count"
URL_PATH: Final = "url.path"
URL_FULL: Final = "url.full"
URL_TEMPLATE: Final = "url.template"
CLIENT_ADDRESS: Final = "client.address"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
SERVICE_PEER_NAME: Final = "service.peer.name"
ERROR_TYPE: Final = "error.type"
IDEMPOTENCY_OUTCOME: Final = "idempotency.outcome"
MESSAGING_SYSTEM: Final = "messaging.system"
MESSAGING_OPERATION_NAME: Final = "messaging.operation.name"
MESSAGING_OPERATION_TYPE: Final = "messaging.operation.type"
MESSAGING_DESTINATION_NAME: Final = "messaging.destination.name"
MESSAGING_MESSAGE_ID: Final = "messaging.message.id"
MESSAGING_MESSAGE_DELIVERY_COUNT: Final = "messaging.message.delivery_count"
MESSAGING_OUTCOME: Final = "messaging.outcome"
REQUEST_PRIORITY: Final = "request.priority"
REQUEST_SHED_REASON: Final = "request.shed.reason"
REQUEST_LIMIT: Final = "request.limit"
REQUEST_SHED_RETRY_AFTER_S: Final = "request.shed.retry_after_s"
REQUEST_SHED_COUNT: Final = "request.shed.count"
REQUEST_LIMITER_LIMIT: Final = "request.limiter.limit"
REQUEST_LOAD_STAGE: Final = "request.load.stage"
CIRCUIT_BREAKER_STATE: Final = "circuit_breaker.state"
CIRCUIT_BREAKER_PREVIOUS_STATE: Final = "circuit_breaker.previous_state"
CIRCUIT_BREAKER_OPEN_S: Final = "circuit_breaker.open_s"
BULKHEAD_IN_FLIGHT: Final = "bulkhead.in_flight"
THROTTLE_SHARE: Final = "throttle.share"
CALL_REFUSED_COUNT: Final = "call.refused_count"
BALANCER_EJECTED_S: Final = "balancer.ejected_s"
CALL_RETRY_OUTCOME: Final = "call.retry.outcome"
SPAN_DB_CLIENT: Final = "{db.operation.name}[ {db.collection.name}]"
SPAN_HTTP_SERVER: Final = "{http.request.method}[ {http.route}]"
SPAN_HTTP_CLIENT: Final = "{http.request.method} {url.template}"
SPAN_MESSAGING_SEND: Final = "send {messaging.destination.name}"
SPAN_MESSAGING_PROCESS: Final = "process {messaging.destination.name}"
EVENT_EXCEPTION: Final = "exception"
EVENT_REQUEST_SHED: Final = "request.shed"
EVENT_REQUEST_REFUSED: Final = "request.refused"
EVENT_CIRCUIT_BREAKER_TRANSITION: Final = "circuit_breaker.transition"
EVENT_BALANCER_EJECTION: Final = "balancer.ejection"
METRIC_DB_CLIENT_OPERATION_DURATION: Final = "db_client_operation_duration_seconds"
METRIC_DB_CLIENT_OPERATION_FAILURES: Final = "db_client_operation_failures"
METRIC_DB_CLIENT_CONNECTION_COUNT: Final = "db_client_connection_count"
METRIC_DB_CLIENT_CONNECTION_MAX: Final = "db_client_connection_max"
METRIC_HEALTH_CHECK_STATUS: Final = "health_check_status"
METRIC_HEALTH_READY: Final = "health_ready"
METRIC_HTTP_SERVER_REQUEST_DURATION: Final = "http_server_request_duration_seconds"
METRIC_HTTP_SERVER_ACTIVE_REQUESTS: Final = "http_server_active_requests"
METRIC_HTTP_CLIENT_REQUEST_DURATION: Final = "http_client_request_duration_seconds"
METRIC_IDEMPOTENCY_REQUESTS: Final = "idempotency_requests"
METRIC_MESSAGING_CLIENT_SENT_MESSAGES: Final = "messaging_client_sent_messages"
METRIC_MESSAGING_PROCESS_DURATION: Final = "messaging_process_duration_seconds"
METRIC_MESSAGING_DEAD_LETTERS: Final = "messaging_dead_letters"
METRIC_OUTBOX_UNSENT_ROWS: Final = "outbox_unsent_rows"
METRIC_OUTBOX_REFUSED_ROWS: Final = "outbox_refused_rows"
METRIC_MESSAGING_STREAMS_REBUILT: Final = "messaging_streams_rebuilt"
METRIC_OUTBOX_LAG: Final = "outbox_lag_seconds"
METRIC_REQUEST_REFUSALS: Final = "request_refusals"
METRIC_REQUEST_LIMITER_LIMIT: Final = "request_limiter_limit"
METRIC_REQUEST_LIMITER_IN_FLIGHT: Final = "request_limiter_in_flight"
METRIC_REQUEST_LIMITER_QUEUED: Final = "request_limiter_queued"
METRIC_REQUEST_LOAD_STAGE: Final = "request_load_stage"
METRIC_REQUEST_SHED: Final = "request_shed"
METRIC_REQUEST_LIMIT_REJECTIONS: Final = "request_limit_rejections"
METRIC_CIRCUIT_BREAKER_STATE: Final = "circuit_breaker_state"
METRIC_CIRCUIT_BREAKER_TRANSITIONS: Final = "circuit_breaker_transitions"
METRIC_CIRCUIT_BREAKER_REJECTIONS: Final = "circuit_breaker_rejections"
METRIC_BALANCER_EJECTIONS: Final = "balancer_ejections"
METRIC_BALANCER_EJECTED: Final = "balancer_ejected"
METRIC_BULKHEAD_IN_FLIGHT: Final = "bulkhead_in_flight"
METRIC_BULKHEAD_REJECTIONS: Final = "bulkhead_rejections"
METRIC_THROTTLE_SHARE: Final = "throttle_share"
METRIC_THROTTLE_REJECTIONS: Final = "throttle_rejections"
METRIC_CALL_RETRIES: Final = "call_retries"
METRIC_TELEMETRY_ITEMS_PRODUCED: Final = "telemetry_items_produced"
METRIC_TELEMETRY_ITEMS_DELIVERED: Final = "telemetry_items_delivered"
METRIC_TELEMETRY_ITEMS_DROPPED: Final = "telemetry_items_dropped"
METRIC_TELEMETRY_ITEMS_QUEUED: Final = "telemetry_items_queued"
METRIC_TELEMETRY_QUEUED: Final = "telemetry_queued_bytes"
METRIC_LOG_LINES_LOST: Final = "log_lines_lost"
METRIC_EVENT_LOOP_LAG: Final = "event_loop_lag_seconds"
METRIC_EVENT_LOOP_LAG_LAST: Final = "event_loop_lag_last_seconds"
METRIC_PYTHON_GC_OBJECTS_COLLECTED: Final = "python_gc_objects_collected"
METRIC_PYTHON_GC_OBJECTS_UNCOLLECTABLE: Final = "python_gc_objects_uncollectable"
METRIC_PYTHON_GC_COLLECTIONS: Final = "python_gc_collections"
METRIC_PYTHON_INFO: Final = "python_info"
METRIC_PROCESS_VIRTUAL_MEMORY: Final = "process_virtual_memory_bytes"
METRIC_PROCESS_RESIDENT_MEMORY: Final = "process_resident_memory_bytes"
METRIC_PROCESS_START_TIME: Final = "process_start_time_seconds"
METRIC_PROCESS_CPU: Final = "process_cpu_seconds"
METRIC_PROCESS_OPEN_FDS: Final = "process_open_fds"
METRIC_PROCESS_MAX_FDS: Final = "process_max_fds"

REGISTRY: Final = Names(
    owner="chassis",
    spans=(
        ("client", "{db.operation.name}[ {db.collection.name}]"),
        ("server", "{http.request.method}[ {http.route}]"),
        ("client", "{http.request.method} {url.template}"),
        ("producer", "send {messaging.destination.name}"),
        ("consumer", "process {messaging.destination.name}"),
    ),
    events=(
        "exception",
        "request.shed",
        "request.refused",
        "circuit_breaker.transition",
        "balancer.ejection",
    ),
    attributes=(
        "service.name",
        "service.version",
        "service.instance.id",
        "deployment.environment.name",
        "process.pid",
        "process.runtime.name",
        "process.runtime.version",
        "telemetry.sdk.language",
        "telemetry.sdk.name",
        "telemetry.sdk.version",
        "correlation.id",
        "exception.type",
        "exception.message",
        "exception.stacktrace",
        "time",
        "level",
        "service",
        "message",
        "trace_id",
        "span_id",
        "correlation_id",
        "logger",
        "duration_ms",
        "otlp.signal",
        "otlp.items",
        "otlp.queued",
        "db.system.name",
        "db.namespace",
        "db.operation.name",
        "db.collection.name",
        "db.query.text",
        "db.response.status_code",
        "db.client.connection.state",
        "health.check.name",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.request.resend_count",
        "url.path",
        "url.full",
        "url.template",
        "client.address",
        "server.address",
        "server.port",
        "service.peer.name",
        "error.type",
        "idempotency.outcome",
        "messaging.system",
        "messaging.operation.name",
        "messaging.operation.type",
        "messaging.destination.name",
        "messaging.message.id",
        "messaging.message.delivery_count",
        "messaging.outcome",
        "request.priority",
        "request.shed.reason",
        "request.limit",
        "request.shed.retry_after_s",
        "request.shed.count",
        "request.limiter.limit",
        "request.load.stage",
        "circuit_breaker.state",
        "circuit_breaker.previous_state",
        "circuit_breaker.open_s",
        "bulkhead.in_flight",
        "throttle.share",
        "call.refused_count",
        "balancer.ejected_s",
        "call.retry.outcome",
        "signal",
        "reason",
        "generation",
        "implementation",
        "major",
        "minor",
        "patchlevel",
        "version",
    ),
    metrics=(
        "db_client_operation_duration_seconds",
        "db_client_operation_failures",
        "db_client_connection_count",
        "db_client_connection_max",
        "health_check_status",
        "health_ready",
        "http_server_request_duration_seconds",
        "http_server_active_requests",
        "http_client_request_duration_seconds",
        "idempotency_requests",
        "messaging_client_sent_messages",
        "messaging_process_duration_seconds",
        "messaging_dead_letters",
        "outbox_unsent_rows",
        "outbox_refused_rows",
        "messaging_streams_rebuilt",
        "outbox_lag_seconds",
        "request_refusals",
        "request_limiter_limit",
        "request_limiter_in_flight",
        "request_limiter_queued",
        "request_load_stage",
        "request_shed",
        "request_limit_rejections",
        "circuit_breaker_state",
        "circuit_breaker_transitions",
        "circuit_breaker_rejections",
        "balancer_ejections",
        "balancer_ejected",
        "bulkhead_in_flight",
        "bulkhead_rejections",
        "throttle_share",
        "throttle_rejections",
        "call_retries",
        "telemetry_items_produced",
        "telemetry_items_delivered",
        "telemetry_items_dropped",
        "telemetry_items_queued",
        "telemetry_queued_bytes",
        "log_lines_lost",
        "event_loop_lag_seconds",
        "event_loop_lag_last_seconds",
        "python_gc_objects_collected",
        "python_gc_objects_uncollectable",
        "python_gc_collections",
        "python_info",
        "process_virtual_memory_bytes",
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "process_cpu_seconds",
        "process_open_fds",
        "process_max_fds",
    ),
)
