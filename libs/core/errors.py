"""The error family. Raised close to the cause, interpreted once, in the runtime's policy.

A handler ends in one of four ways: it returns, it raises `Rejected`, it raises `Retryable`, or it has a bug.
"""


class FleetError(Exception):
    """Base of every error that the fleet raises on purpose. `code` is stable and machine-readable."""

    code = "fleet_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class Rejected(FleetError):
    """The message is malformed, or not ours: trying again cannot help."""

    code = "rejected"


class Unacceptable(Rejected):
    """The record itself is wrong, malformed or not ours: whoever answers for its topic keeps it as a dead letter."""

    code = "unacceptable"


class Unstorable(Unacceptable):
    """A store refuses what the record holds, and will refuse it again: no other record is concerned."""

    code = "unstorable"


class Retryable(FleetError):
    """The world is down: the same message may succeed later."""

    code = "retryable"


class Expired(Rejected):
    """The deadline of the request has passed."""

    code = "deadline_exceeded"


class ConfigurationError(FleetError):
    """A setting is missing or wrong. The message is one line and names the variable."""

    code = "configuration"
