"""Why an OTLP request is not accepted. Each error knows its HTTP status and its google.rpc code."""


class OtlpError(Exception):
    """A refused request."""

    status = 400
    rpc_code = 3  # INVALID_ARGUMENT
    reason = "malformed"


class MalformedError(OtlpError):
    """The body is not what its content type says."""


class UnsupportedMediaError(OtlpError):
    """Neither protobuf nor JSON, or an unknown content encoding."""

    status = 415
    reason = "unsupported-media"


class TooLargeError(OtlpError):
    """The body, or what it decompresses to, exceeds the limit."""

    status = 413
    rpc_code = 8  # RESOURCE_EXHAUSTED
    reason = "too-large"


class BusyError(OtlpError):
    """The writer is behind: the sender shall come back after `Retry-After`."""

    status = 503
    rpc_code = 14  # UNAVAILABLE
    reason = "busy"
