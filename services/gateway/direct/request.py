"""One direct request: what is asked of which model, by whom, and what has become of it so far."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.model_call import Usage
from libs.core.clock import Clock
from services.gateway.domain.ask import Ask
from services.gateway.domain.decide import ToModel
from services.gateway.domain.direct.asked import model_body
from services.gateway.domain.direct.record import DirectRecord
from services.gateway.domain.direct.spent import Spent, estimated
from services.gateway.domain.direct.texts import answer_in, characters_in, question_in
from services.gateway.domain.manner import in_manner
from services.gateway.domain.reply import ReplyHead, ToolCall


def new_call_id() -> str:
    """Return an id for a tool call that its server gave none."""
    return f"call_{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: `subject` is the pseudonym of the person, `trace` a W3C traceparent; `headers` are the header lines of
    the client that go on to the model server."""

    tenant: str
    subject: str
    trace: str
    account: Account
    headers: bytes = b""


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said: its text, or the calls that it made, `characters` of all kinds in all choices."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    characters: int = 0
    spent: Spent | None = None


Remember: TypeAlias = Callable[[Said], Awaitable[None]]


async def nothing_more(_said: Said) -> None:
    """Keep no answer besides its record."""


@dataclass(slots=True)
class DirectRequest:
    """`began`: the server may be at work on it, so that it has cost something whatever comes back.

    `remember` is awaited with an answer before the client has the last of it.
    """

    response_id: str
    ask: Ask
    decision: ToModel
    asker: Asker
    clock: Clock
    began: bool = False
    usage: Usage | None = None
    remember: Remember = nothing_more
    started_at: float = field(init=False)
    _since: float = field(init=False)
    _prompt_sha256: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self._since = self.clock.monotonic()

    @property
    def head(self) -> ReplyHead:
        """Return what stands in every frame."""
        ask = self.ask
        return ReplyHead(
            self.response_id, self.decision.model, int(self.started_at), ask.include_usage, ask.echo, self.started_at
        )

    def body(self, *, count: bool) -> bytes:
        """Return what the model server is sent; its hash is what is recorded of it."""
        ask = replace(self.ask, raw=in_manner(self.ask.raw, self.decision.manner))
        body = model_body(ask, self.decision.ref.model, count=count)
        self._prompt_sha256 = hashlib.sha256(body).hexdigest()
        return body

    def spent(self, said: Said) -> Spent:
        """Return what the call took; the estimate where the server did not say."""
        if said.spent is not None:
            return said.spent
        return estimated(characters_in(self.ask.chat.messages), said.characters) if self.began else Spent(Usage())

    def record(self, outcome: Outcome, said: Said, spent: Spent) -> DirectRecord:
        """Return what is kept of the request, now that it has ended."""
        self.usage = spent.usage
        asker = self.asker
        return DirectRecord(
            response_id=self.response_id,
            tenant=asker.tenant,
            subject=asker.subject,
            trace=asker.trace,
            key_id=asker.account.key_id,
            user=asker.account.user,
            team=asker.account.team,
            reserved=asker.account.reserved,
            chunks=asker.account.chunks,
            asked=self.decision.model,
            why=self.decision.why,
            input=question_in(self.ask.chat.messages),
            answer=answer_in(said.text, said.calls),
            outcome=outcome,
            started_at=self.started_at,
            ended_at=self.clock.now(),
            model=self.decision.ref.model,
            server=self.decision.ref.server,
            prompt_sha256=self._prompt_sha256,
            prompt_tokens=spent.usage.prompt_tokens,
            completion_tokens=spent.usage.completion_tokens,
            estimated=spent.estimated,
            duration_ms=round((self.clock.monotonic() - self._since) * 1000),
            finish=said.finish,
        )
