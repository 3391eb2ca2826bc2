"""OTLP/HTTP as the OpenTelemetry protocol specification (1.x) describes it: traces and logs, protobuf and JSON."""
