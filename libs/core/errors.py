"""The error family. Raised close to the cause, interpreted once, in the runtime's policy."""


# A handler has four outcomes: it returns, it raises `Rejected`, it raises `Retryable`, or it has a bug.


class FleetError(Exception):
    """Base of every error that the fleet raises on purpose. `code` is stable and machine-readable."""

    code = "fleet_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class Rejected(FleetError):
    """The message is malformed, or not ours: retrying cannot help."""

    code = "rejected"


class Unacceptable(Rejected):
    """The record itself is malformed, or not ours: the service that owns its topic dead-letters it."""

    code = "unacceptable"


class Unstorable(Unacceptable):
    """A store rejects the content of this record, and will again; other records are unaffected."""

    code = "unstorable"


class Retryable(FleetError):
    """A dependency is unavailable: the same message may succeed later."""

    code = "retryable"


class Expired(Rejected):
    """The deadline of the request has passed."""

    code = "deadline_exceeded"


class ConfigurationError(FleetError):
    """A setting is missing or wrong. The message is one line and names the variable."""

    code = "configuration"
