"""The header that carries a service token; set by the client, read by the callee."""

SERVICE_TOKEN_HEADER = "X-Service-Token"  # noqa: S105 - the header's name
