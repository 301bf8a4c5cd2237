"""The errors of the handling policy and the messages published about them. Replays produce the same ones."""

from dataclasses import dataclass

from libs.contracts.answer import Failure
from libs.contracts.failures import failure_of
from libs.contracts.message import Message, PartMessage
from libs.core.errors import Expired, FleetError
from libs.core.reads import Read, record_read

# The kinds of reads that the runtime itself writes.
STAGE = "stage"  # hash of the stage's description
DEADLINE = "deadline"  # it passed, before or after the work had begun
TICK = "tick"  # a join's clock fired, after the record of that offset
RESTORED = "restored"  # a join was rebuilt from the log, up to that offset


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage that runs a join; `sha256` is the hash of its description, empty if it has none."""

    name: str
    sha256: str = ""

    @property
    def reads(self) -> tuple[Read, ...]:
        """The first entries of the read log of its messages."""
        return (Read(STAGE, {"sha256": self.sha256}),) if self.sha256 else ()


class Bug(FleetError):
    """A handler raised an error that is no outcome; `__cause__` holds it. The text reveals no detail to a user."""

    code = "internal_error"


class TooLate(Expired):
    """The deadline had passed before the work began."""


def record_stage(sha256: str) -> None:
    """Record the hash of the stage's description as a read; no-op if empty."""
    if sha256:
        record_read(STAGE, sha256=sha256)


def expired(schema: str, *, begun: bool) -> Expired:
    """Records the deadline as a read."""
    record_read(DEADLINE, begun=begun)
    return Expired(f"{schema} was not finished in time") if begun else TooLate(f"{schema} came after its deadline")


def bug(service: str, error: BaseException) -> Bug:
    """Reports a bug by its type, never by its text."""
    reported = Bug(f"internal error in {service} ({type(error).__name__})")
    reported.__cause__ = error
    return reported


def end_of(message: Message, error: FleetError) -> Message:
    """The message that ends the request or part of `message`."""
    return failure_of(message, Failure(code=error.code, message=str(error)))


def is_left_to_the_join(message: Message, error: FleetError) -> bool:
    """True if the end of a dropped command is not published.

    The join ends each request at its deadline at the latest. A later command, redelivered after a crash for example,
    may belong to a request that was answered long ago. Of a part no other component publishes the end.
    """
    return isinstance(error, TooLate) and not isinstance(message, PartMessage)


def join_failed(message: Message) -> Message:
    """The message that ends a request whose join met a bug at `message`."""
    return failure_of(message, Failure(code=Bug.code, message="internal error while joining the answer"))
