"""How work ends that did not return: the policy's own errors, and what is said about them. Replays say the same."""

from dataclasses import dataclass

from libs.contracts.answer import Failure
from libs.contracts.failures import failure_of
from libs.contracts.message import Message, PartMessage
from libs.core.errors import Expired, FleetError
from libs.core.reads import Read, record_read

# The kinds of reads that the runtime itself writes.
STAGE = "stage"  # what the stage is made of
DEADLINE = "deadline"  # it struck, before or after the work had begun
TICK = "tick"  # a join was woken, after the record of that offset
RESTORED = "restored"  # a join was read back from the log, up to that offset


@dataclass(frozen=True, slots=True)
class Stage:
    """Who runs a join; `sha256` names what it is made of, empty when nothing tells."""

    name: str
    sha256: str = ""

    @property
    def reads(self) -> tuple[Read, ...]:
        """Return what stands first on the tape of whatever it says."""
        return (Read(STAGE, {"sha256": self.sha256}),) if self.sha256 else ()


class Bug(FleetError):
    """A handler raised something that is no outcome; its cause says what. The text tells a user nothing about it."""

    code = "internal_error"


class TooLate(Expired):
    """The deadline had passed before the work began."""


def record_stage(sha256: str) -> None:
    """Write on the tape what the stage is made of."""
    if sha256:
        record_read(STAGE, sha256=sha256)


def expired(schema: str, *, begun: bool) -> Expired:
    """Return the error of work whose deadline has passed, before or after it began, and write it on the tape."""
    record_read(DEADLINE, begun=begun)
    return Expired(f"{schema} was not finished in time") if begun else TooLate(f"{schema} came after its deadline")


def bug(service: str, error: BaseException) -> Bug:
    """Return what is told about an error that is a bug: its type, and none of its words."""
    told = Bug(f"internal error in {service} ({type(error).__name__})")
    told.__cause__ = error
    return told


def end_of(message: Message, error: FleetError) -> Message:
    """Return the message that ends what `message` was meant to do."""
    return failure_of(message, Failure(code=error.code, message=str(error)))


def is_left_to_the_join(message: Message, error: FleetError) -> bool:
    """Return whether nothing is said about a command that is given up.

    The join ends each request at its deadline at the latest. A command that comes after it, as it does after a crash,
    may be one of a request that was answered long ago; only of a part does nobody else say that it has ended.
    """
    return isinstance(error, TooLate) and not isinstance(message, PartMessage)


def join_failed(message: Message) -> Message:
    """Return the message that ends a request whose join met a bug at `message`."""
    return failure_of(message, Failure(code=Bug.code, message="internal error while joining the answer"))
