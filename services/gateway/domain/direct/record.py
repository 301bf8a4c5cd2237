"""What is recorded of a direct request: it waits in the spool as one entry, and stands on the log as two messages."""

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.audit import AuditRecorded
from libs.contracts.envelope import Envelope
from libs.contracts.message import Message, Value
from libs.contracts.model_call import ModelCall
from libs.contracts.records import RequestLogged


class DirectRecord(Value):
    """One request and its one model call. `asked` is the model that the client named, `why` the reason why no fleet
    answered; times are Unix seconds."""

    response_id: str
    tenant: str
    subject: str
    trace: str
    account: Account
    asked: str
    why: str
    input: str
    answer: str
    outcome: Outcome
    started_at: float
    ended_at: float
    call: ModelCall

    def messages(self) -> tuple[Message, ...]:
        """Return the record of the request and that of the call, the same whenever they are made again."""
        envelope = Envelope("", self.response_id, self.tenant, "", self.ended_at, "", self.trace, subject=self.subject)
        at = f"{self.call.model}@{self.call.server}"
        logged = RequestLogged(
            response_id=self.response_id,
            input=self.input,
            answer=self.answer,
            expert_models_used=(f"{at}::direct",),
            ts=self.started_at,
            outcome=self.outcome,
            usage=self.call.usage,
            account=self.account,
            model=self.asked,
        )
        audited = AuditRecorded(
            action="direct-call", actor="gateway", target=at, reason=self.why, ts=self.ended_at, call=self.call
        )
        return logged.opening(envelope), audited.opening(envelope)
