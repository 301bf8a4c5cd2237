"""Messages of direct requests, which the gateway sends to one model; the end is the record of the request."""

from typing import ClassVar

from libs.contracts.account import Account
from libs.contracts.answer import Failure
from libs.contracts.message import Message, Value
from libs.contracts.progress import Protocol
from libs.contracts.summaries import cancelled
from libs.contracts.topics import ANSWER_FINISHED, REQUEST_CANCELLED, Topic


class CallMade(Value):
    """A call that the client is to make. `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


class DirectReply(Value):
    """What the client was told, besides what stands in the record of the request.

    `text` is None where the record's answer is all of it. `cut`: it was too long to be kept. `finish` is why the model
    ended; `failure` is there where it did not. `accepted_at` is Unix time, `echo` as in RequestOpened.
    """

    protocol: Protocol
    accepted_at: float
    echo: str = ""
    text: str | None = None
    reasoning: str = ""
    calls: tuple[CallMade, ...] = ()
    finish: str = ""
    failure: Failure | None = None
    cut: bool = False


class DirectOpened(Message):
    """A gateway asks a model for a client that comes back for the answer. It stands where that gateway's ends arrive.

    `accepted_at` is Unix time, `echo` as in RequestOpened.
    """

    topics: ClassVar[tuple[Topic, ...]] = (ANSWER_FINISHED,)
    model: str
    accepted_at: float
    account: Account = Account()
    protocol: Protocol = "chat"
    echo: str = ""

    def summary(self) -> str:
        return f"one model is asked in the background, model={self.model}"


class DirectCancelled(Message):
    """The client has changed its mind: whichever gateway asks the model is to stop."""

    topics: ClassVar[tuple[Topic, ...]] = (REQUEST_CANCELLED,)
    reason: str

    def summary(self) -> str:
        return cancelled(self.reason)
