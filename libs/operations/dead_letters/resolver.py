"""Settlement of dead letters: replay or drop. Both are audited and repeatable."""

from dataclasses import dataclass, field
from typing import Literal

from libs.contracts.audit import AuditRecorded
from libs.contracts.dead_letter import DeadLetterSettled
from libs.core.clock import Clock
from libs.core.errors import FleetError
from libs.operations.dead_letters.letters import TrackedLetter, stored_content
from libs.ports.journal import JournalReader
from libs.runtime.code_version import code_version
from libs.runtime.delivery.context import RecordPublisher
from libs.runtime.delivery.resending import CannotReplay, record_of_letter, resent
from libs.runtime.messaging.signing import Signer

Action = Literal["replayed", "dropped"]


@dataclass(frozen=True)
class Result:
    """Outcome of one case: done, or the reason why not."""

    letter: TrackedLetter
    done: bool
    reason: str


@dataclass(frozen=True)
class DeadLetterResolver:
    """Settles cases. The audit records `operator`; without a `publisher` nothing is published (dry run).

    `force` replays to the same code that failed.
    """

    reader: JournalReader
    publisher: RecordPublisher | None
    signer: Signer
    clock: Clock
    operator: str
    force: bool = field(default=False, kw_only=True)

    async def replay(self, case: TrackedLetter) -> Result:
        """Republish the record, then its settlement.

        A crash in between republishes the record twice; consumers deduplicate it by its ids.
        """
        if (reason := self._objection(case)) is not None:
            return Result(case, done=False, reason=reason)
        try:
            record = record_of_letter(case.letter.record, await stored_content(self.reader, case.letter))
            outgoing = resent(record, self.signer, self.clock.now())
        except CannotReplay as error:
            return Result(case, done=False, reason=str(error))
        if self.publisher is not None:
            await self.publisher.forward(outgoing)
        return await self._settle(case, "replayed")

    async def drop(self, case: TrackedLetter) -> Result:
        """Close a letter without replay; it stays in the journal."""
        if case.settled is not None:
            return Result(case, done=False, reason=f"it was {case.status} before")
        return await self._settle(case, "dropped")

    def _objection(self, case: TrackedLetter) -> str | None:
        if case.settled is not None:
            return f"it was {case.status} before"
        if case.letter.code_version == code_version() and not self.force:
            return f"the code that failed ({code_version()}) is still the one here; --force replays all the same"
        return None

    async def _settle(self, case: TrackedLetter, action: Action) -> Result:
        if self.publisher is None:
            return Result(case, done=True, reason=f"would be {action}")
        letter, now = case.letter, self.clock.now()
        settled = DeadLetterSettled(letter=letter.letter, action=action, operator=self.operator, ts=now)
        act = AuditRecorded(
            action=f"dead-letter-{action}",
            actor=self.operator,
            target=letter.letter,
            reason=letter.error,
            detail=f"{letter.record.topic}/{letter.record.partition}/{letter.record.offset} of {letter.stage}",
            ts=now,
        )
        await self.publisher.publish(settled.after(letter), act.after(letter))
        return Result(case, done=True, reason=action)


def refused(results: tuple[Result, ...]) -> bool:
    """Whether a requested action was not done, for another reason than that it was done before."""
    return any(not result.done and result.letter.settled is None for result in results)


class NoSuchLetter(FleetError):
    """No dead letter has this id or prefix."""

    code = "no_such_letter"
