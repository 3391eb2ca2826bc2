"""The one line by which a service gets everything that services have in common."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.plugins import InitPlugin

from chassis.auth.callers import Callers, service_check, user_check
from chassis.auth.fetch import SERVICE_JWKS_PATH, USER_JWKS_PATH, fetch_from
from chassis.auth.guards import access_guard, check_access
from chassis.auth.jwks import JwksCache
from chassis.auth.keyring import KeyRing
from chassis.auth.tokens import ServiceTokens
from chassis.client import ClientConfig, ServiceClient
from chassis.discovery import Discovery, KnownKeys, StaticDiscovery, open_discovery
from chassis.errors import Unavailable
from chassis.health import Check, HealthChecks
from chassis.http.admission import Admission
from chassis.http.asgi import wrap
from chassis.http.cards import refuse_card_numbers
from chassis.http.errors import answer_problem
from chassis.http.health import health_router
from chassis.http.memory import memory_share
from chassis.http.openapi import openapi_config
from chassis.http.operations import metrics_route, service_keys
from chassis.lifecycle import Background, Lifecycle, Phase, Supervisor
from chassis.resilience import DEFAULT_TIMEOUT_S
from chassis.settings import ChassisSettings
from chassis.telemetry import Telemetry, TelemetrySettings, configure

if TYPE_CHECKING:  # a process without a database does not pay for importing Piccolo
    from chassis.messaging import Consumer, Messaging

GATEWAY = "edge"
OPERATOR = "operator"
TELEMETRY_S = 2.0
"""The last spans and logs have this long to leave."""
JOBS_S = 1.0
"""Background jobs have this long to clean up."""


class ChassisPlugin(InitPlugin):
    """Telemetry, problems, health, metrics, keys, access, OpenAPI, client, database, messages and drain.

    Args:
        settings: of this process.
        consumers: what it does when an event arrives; `consume` adds more.
        background: jobs to keep running beside the requests; `keep_running` adds more.
        readiness: checks beside those of the database and the broker.
        discovery: where neighbours are, when not as the settings say.
        client: figures of the service client, instead of those in the manifest.
        request_timeout: seconds a request has when its caller sets no deadline.
        quiet: path prefixes whose requests are counted, but neither traced nor logged.
        trusted: services whose calls continue their trace here although `[callers]` does not name them.
        screened: whether requests with a card number in any text are refused; off for who keeps what others cleaned.
    """

    def __init__(
        self,
        settings: ChassisSettings,
        *,
        consumers: "Iterable[Consumer[Any]]" = (),
        background: Iterable[Background] = (),
        readiness: Iterable[Check] = (),
        discovery: Discovery | None = None,
        client: ClientConfig | None = None,
        request_timeout: float = DEFAULT_TIMEOUT_S,
        quiet: tuple[str, ...] = (),
        trusted: Sequence[str] = (GATEWAY,),
        screened: bool = True,
    ) -> None:
        self.settings = settings
        self.lifecycle = Lifecycle()
        self.health = HealthChecks(readiness)
        self.discovery = discovery or _discovery(settings)
        self._key = KeyRing(settings.signing_key) if settings.signing_key else None
        tokens = ServiceTokens(settings.service, self._key) if self._key else None
        resilience = settings.manifest.resilience
        self.client = ServiceClient(
            self.discovery,
            token_for=tokens.token_for if tokens else None,
            config=client or resilience.calls,
            overrides={} if client else resilience.calls_to,
        )
        self.callers = _callers(settings, self.discovery, trusted)
        self._consumers = list(consumers)
        self._background = list(background)
        self._request_timeout = request_timeout
        self._quiet = quiet
        self._screens = [refuse_card_numbers] if screened else []
        self._access: dict[str, str] = {}
        self._messaging: Messaging | None = None

    @property
    def consumers(self) -> "tuple[Consumer[Any], ...]":
        """What it does when an event arrives."""
        return tuple(self._consumers)

    def consume(self, *consumers: "Consumer[Any]") -> None:
        """Handle these events, too; for consumers that need the client or something else made after the plugin."""
        self._consumers.extend(consumers)

    def keep_running(self, *jobs: Background) -> None:
        """Run these jobs, too, from start-up to the end of the drain."""
        self._background.extend(jobs)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add what all services share to the application being built."""
        settings = self.settings
        app_config.exception_handlers = {Exception: answer_problem, **app_config.exception_handlers}
        app_config.guards = [access_guard(self.callers, settings.manifest), *self._screens, *app_config.guards]
        app_config.dependencies = {
            "client": Provide(self._provide_client, sync_to_thread=False),
            **app_config.dependencies,
        }
        app_config.route_handlers.extend(
            [
                health_router(settings, self.lifecycle, self.health),
                metrics_route(self.lifecycle, self.health),
                service_keys(self._key),
            ]
        )
        if settings.manifest.messaging:
            from chassis.messaging.operations import message_operations  # noqa: PLC0415 - see above

            consumes = bool(settings.manifest.events.consumes)
            app_config.route_handlers.extend(message_operations(consumes=consumes))
            app_config.dependencies["messaging"] = Provide(self._provide_messaging, sync_to_thread=False)
        app_config.openapi_config = openapi_config(settings, self._access)
        app_config.logging_config = None
        app_config.lifespan = [self._live, *app_config.lifespan]
        return app_config

    def _admit(self, app: Litestar, telemetry: Telemetry) -> None:
        """Put the layers around the application that every request passes."""
        limits = self.settings.manifest.resilience.requests
        admission = Admission(limits, memory=memory_share(limits.memory_limit))
        self.client.keep_within(lambda: admission.limiter.limit)
        telemetry.lag.listen(admission.look)
        wrap(app, self.callers, admission, limits, request_timeout=self._request_timeout, quiet=self._quiet)

    def _provide_client(self) -> ServiceClient:
        return self.client

    def _provide_messaging(self) -> Any:  # Litestar reads the annotation, and Messaging is imported late
        if self._messaging is None:
            raise Unavailable("The service is starting.", retry_after=1.0)
        return self._messaging

    @asynccontextmanager
    async def _live(self, app: Litestar) -> AsyncIterator[None]:
        """Everything between the first and the last moment of the process; left in the opposite order."""
        async with AsyncExitStack() as stack:
            # Litestar 2.25 takes this limit from its constructor alone, not from the configuration a plugin changes.
            app.request_max_body_size = self.settings.max_body_bytes
            self._access.update(check_access(app, self.settings.manifest))
            telemetry = configure(_telemetry(self.settings))
            await telemetry.start()
            stack.push_async_callback(telemetry.shutdown, TELEMETRY_S)
            self._admit(app, telemetry)
            stack.push_async_callback(self.client.close)
            if self.settings.manifest.database:
                from chassis.stores import open_stores  # noqa: PLC0415 - see above

                self._messaging = await open_stores(stack, self.settings, self._consumers, self.health)
            supervisor = Supervisor()
            stack.push_async_callback(supervisor.stop, JOBS_S)
            supervisor.start(self._background)
            self.lifecycle.advance(Phase.READY)
            yield
            self.lifecycle.advance(Phase.DRAINING)


def _discovery(settings: ChassisSettings) -> Discovery:
    found = open_discovery(settings.discovery) if settings.discovery else StaticDiscovery({})
    return KnownKeys(found, {OPERATOR: settings.operator_keys}) if settings.operator_keys else found


def _callers(settings: ChassisSettings, discovery: Discovery, trusted: Sequence[str]) -> Callers:
    issuers = frozenset(settings.manifest.callers) | frozenset(trusted)
    service_keys = JwksCache(fetch_from(discovery, SERVICE_JWKS_PATH))
    user_keys = JwksCache(fetch_from(discovery, USER_JWKS_PATH))
    return Callers(
        service_check(settings.service, issuers, service_keys),
        user_check(settings.manifest.user_issuer, user_keys),
    )


def _telemetry(settings: ChassisSettings) -> TelemetrySettings:
    return TelemetrySettings(
        service=settings.service,
        instance=settings.instance,
        version=settings.version,
        environment=settings.environment,
        endpoint=settings.otlp_endpoint,
        log_level=settings.log_level,
    )
