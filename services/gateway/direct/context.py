"""The state of a direct request until it is recorded."""

from dataclasses import dataclass, field

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.direct import DirectOpened
from libs.contracts.model_call import Usage
from libs.contracts.origin import Origin
from libs.contracts.staffing import ModelRef
from libs.core.clock import Clock
from libs.ports.erasures import RequestRef
from services.gateway.domain.direct.failures import restarted
from services.gateway.domain.direct.record import DirectRecord, RecordedReply, answer_in, completed_at
from services.gateway.domain.direct.spent import Spent, estimated
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import ToolCall


@dataclass(slots=True)
class Requester:
    """The party charged for a request: `subject` is that of the request, `trace` a W3C traceparent."""

    tenant: str
    subject: str
    trace: str
    account: Account


@dataclass(slots=True)
class ModelOutput:
    """The output of a model: its text or its tool calls, `reasoning` as far as it is shown, `characters` of all kinds
    in all choices, `quiet_s` the seconds since the last piece: None without one."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    characters: int = 0
    spent: Spent | None = None
    reasoning: str = ""
    quiet_s: float | None = None


@dataclass(slots=True)
class DirectContext:
    """One request for `ref`. `requested_model` is the one that the client named, `why` the reason why no fleet
    answers. `input` is the recorded part of the question, `characters` the length of all of it. `reply` is the data
    from which the reply is shown again, None for one that is not.

    `ended_after_ms` is the recorded duration, None before the end. `began`: the server may have started work, so the
    call has a cost in any case. `usage` is None until it is recorded. The model generates `answers` at the same time;
    `most_tokens` bounds all of them together; 0: unbounded.
    `erased`: no content may be recorded any more.
    """

    response_id: str
    requester: Requester
    ref: ModelRef
    requested_model: str
    why: str
    clock: Clock
    input: str = ""
    characters: int = 0
    reply: RecordedReply | None = None
    prompt_sha256: str = ""
    answers: int = 1
    most_tokens: int = 0
    began: bool = False
    usage: Usage | None = None
    erased: bool = False
    ended_after_ms: int | None = None
    started_at: float = field(init=False)
    _since: float = field(init=False)
    _sent_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self._since = self._sent_at = self.clock.monotonic()

    @property
    def lasted_s(self) -> float:
        """Seconds since the request was opened."""
        return self.clock.monotonic() - self._since

    def completed_at(self) -> int | None:
        """Unix seconds; None before the end."""
        return None if self.ended_after_ms is None else completed_at(self.started_at, self.ended_after_ms)

    @property
    def request(self) -> RequestRef:
        return RequestRef(self.requester.tenant, self.response_id, self.requester.subject)

    def record_sending(self) -> None:
        """Record that the request is sent to the server."""
        self._sent_at = self.clock.monotonic()

    def usage_of(self, output: ModelOutput, unseen_tokens_per_s: float = 0.0) -> Spent:
        """Usage that the server reported, else an estimate.

        An aborted call is charged for the tokens that its model may have generated since the last piece, or since the
        request was sent, at `unseen_tokens_per_s` tokens per second and answer.
        """
        if output.spent is not None:
            return output.spent
        if not self.began:
            return Spent(Usage())
        quiet_s = output.quiet_s if output.quiet_s is not None else self.clock.monotonic() - self._sent_at
        unseen = int(quiet_s * unseen_tokens_per_s * self.answers)
        return estimated(self.characters, output.characters, unseen, self.most_tokens)

    def as_record(
        self, outcome: Outcome, output: ModelOutput, error: ApiError | None = None, spent: Spent | None = None
    ) -> DirectRecord:
        """Build the record of the ended request and set its usage. `error` is the error that the client gets instead of
        an answer; `spent` replaces the usage that the server reported."""
        spent = spent or self.usage_of(output)
        self.usage = spent.usage
        self.ended_after_ms = round(self.lasted_s * 1000)
        record = self._record(outcome, output, spent, error)
        return record.redacted() if self.erased else record

    def as_opened(self, within_s: float) -> DirectOpened:
        """Build the event of the open request for other instances; `within_s` is its maximum duration in seconds."""
        requester, recorded = self.requester, self.reply or RecordedReply()
        ends_at = self.started_at + within_s
        origin = Origin(
            self.response_id, requester.tenant, deadline_at=ends_at, trace=requester.trace, subject=requester.subject
        )
        return DirectOpened(
            model=self.requested_model,
            accepted_at=self.started_at,
            account=requester.account,
            protocol=recorded.protocol,
            echo=recorded.echo,
        ).opening(origin)

    def as_orphan(self) -> DirectRecord:
        """Build the record for the case that this process ends before the request: failed, with an estimated prompt."""
        return self._record("failed", ModelOutput(), estimated(self.characters, 0), restarted(self.response_id))

    def _record(self, outcome: Outcome, output: ModelOutput, spent: Spent, error: ApiError | None) -> DirectRecord:
        requester = self.requester
        return DirectRecord(
            response_id=self.response_id,
            tenant=requester.tenant,
            subject=requester.subject,
            trace=requester.trace,
            key_id=requester.account.key_id,
            user=requester.account.user,
            team=requester.account.team,
            reserved=requester.account.reserved,
            chunks=requester.account.chunks,
            asked=self.requested_model,
            why=self.why,
            input=self.input,
            answer=answer_in(output.text, output.calls),
            outcome=outcome,
            started_at=self.started_at,
            ended_at=self.clock.now(),
            model=self.ref.model,
            server=self.ref.server,
            prompt_sha256=self.prompt_sha256,
            prompt_tokens=spent.usage.prompt_tokens,
            completion_tokens=spent.usage.completion_tokens,
            estimated=spent.estimated,
            duration_ms=self.ended_after_ms if self.ended_after_ms is not None else round(self.lasted_s * 1000),
            finish=output.finish,
            kept=self._recorded_reply(output, error),
            priced_as=requester.account.priced_as,
        )

    def _recorded_reply(self, output: ModelOutput, error: ApiError | None) -> RecordedReply | None:
        if self.reply is None or error is None:
            return self.reply and self.reply.with_output(output.text, output.calls, output.reasoning)
        return self.reply.with_failure(error)
