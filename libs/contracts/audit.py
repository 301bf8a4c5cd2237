"""Acts of operators and guards for the audit record: the public topic `moe.audit`."""

from typing import ClassVar

from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall
from libs.contracts.summaries import in_parentheses
from libs.contracts.topics import AUDIT, Topic


class AuditRecorded(Message):
    """One act. `action` is a stable word pair such as `message-rejected`; `actor` a service or an operator.

    `target` is the id of what it was done to, `reason` a stable code, `detail` a sentence without personal content;
    `ts` is Unix time in seconds. `number` tells several acts of one action on one response apart. `call` is in old
    records only: that of a direct request, which RequestLogged has now.
    """

    topics: ClassVar[tuple[Topic, ...]] = (AUDIT,)
    action: str
    actor: str
    target: str
    reason: str = ""
    detail: str = ""
    ts: float
    number: int = 0
    call: ModelCall | None = None

    @property
    def part_id(self) -> str:
        return f"{self.action}/{self.target}"

    @property
    def revision(self) -> int:
        return self.number

    def summary(self) -> str:
        return f"{self.action} {self.target} by {self.actor}{in_parentheses(self.reason)}"
