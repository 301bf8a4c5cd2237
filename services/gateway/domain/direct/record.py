"""What is recorded of a direct request: it waits in the spool as one entry, and stands on the log as two messages."""

from dataclasses import dataclass

import orjson
from pydantic import TypeAdapter

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.audit import AuditRecorded
from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.records import RequestLogged


@dataclass(frozen=True, slots=True)
class DirectRecord:
    """One request and its one model call. `asked` is the model that the client named, `why` the reason why no fleet
    answered; `model` on `server` was sent what has `prompt_sha256` (hex). Times are Unix seconds, `duration_ms` is
    that of the call, `estimated`: the server did not count.

    Plain values, because each request pays for it: pydantic's cost eight times as much.
    """

    response_id: str
    tenant: str
    subject: str
    trace: str
    key_id: str
    user: str
    team: str
    reserved: int
    chunks: tuple[str, ...]
    asked: str
    why: str
    input: str
    answer: str
    outcome: Outcome
    started_at: float
    ended_at: float
    model: str
    server: str
    prompt_sha256: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    duration_ms: int
    finish: str

    def entry(self) -> bytes:
        """Return what waits in the spool."""
        return orjson.dumps(self)

    def messages(self) -> tuple[Message, ...]:
        """Return the record of the request and that of the call, the same whenever they are made again."""
        envelope = Envelope("", self.response_id, self.tenant, "", self.ended_at, "", self.trace, subject=self.subject)
        return self._logged().opening(envelope), self._audited().opening(envelope)

    @property
    def _usage(self) -> Usage:
        return Usage(prompt_tokens=self.prompt_tokens, completion_tokens=self.completion_tokens)

    @property
    def _account(self) -> Account:
        return Account(key_id=self.key_id, user=self.user, team=self.team, reserved=self.reserved, chunks=self.chunks)

    def _logged(self) -> RequestLogged:
        return RequestLogged(
            response_id=self.response_id,
            input=self.input,
            answer=self.answer,
            expert_models_used=(f"{self.model}@{self.server}::direct",),
            ts=self.ended_at,
            outcome=self.outcome,
            usage=self._usage,
            account=self._account,
            model=self.asked,
        )

    def _audited(self) -> AuditRecorded:
        call = ModelCall(
            stage="direct",
            model=self.model,
            server=self.server,
            prompt_sha256=self.prompt_sha256,
            usage=self._usage,
            duration_ms=self.duration_ms,
            finish_reason=self.finish,
            usage_estimated=self.estimated,
        )
        at = f"{self.model}@{self.server}"
        return AuditRecorded(
            action="direct-call", actor="gateway", target=at, reason=self.why, ts=self.ended_at, call=call
        )


_READER = TypeAdapter(DirectRecord)


def read_record(entry: bytes) -> DirectRecord:
    """Return the record of an entry. Raises pydantic's ValidationError."""
    return _READER.validate_json(entry)
