"""Dead letters of an installation: find them and settle them, one after the other."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from libs.core.clock import SystemClock
from libs.operations.dead_letters.letters import TrackedLetter, Wanted, chosen, read_letters
from libs.operations.dead_letters.resolver import DeadLetterResolver, NoSuchLetter, Result
from libs.ports.journal import JournalReader
from libs.runtime.delivery.context import RecordPublisher
from libs.runtime.messaging.signing import Signer

Act = Callable[[DeadLetterResolver, TrackedLetter], Awaitable[Result]]


@dataclass(frozen=True)
class DeadLetters:
    """Letters in the journal behind `reader`; `signer` verifies them and signs what a settlement publishes."""

    reader: JournalReader
    signer: Signer

    async def find(self, wanted: Wanted, since_ms: int = 0) -> tuple[TrackedLetter, ...]:
        """Cases not older than `since_ms` (Unix milliseconds), oldest first. Raises Retryable."""
        return chosen(await read_letters(self.reader, self.signer, since_ms), wanted)

    async def find_one(self, letter: str) -> TrackedLetter:
        """Case whose id starts with `letter`. Raises NoSuchLetter for none, and for more than one."""
        cases = await self.find(Wanted(letter=letter, settled_too=True))
        if len(cases) != 1:
            raise NoSuchLetter(f"{len(cases)} dead letters begin with {letter!r}")
        return cases[0]

    def resolver(self, publisher: RecordPublisher | None, operator: str, *, force: bool) -> DeadLetterResolver:
        """Without a `publisher` nothing is published (dry run)."""
        return DeadLetterResolver(self.reader, publisher, self.signer, SystemClock(), operator, force=force)


async def settle_all(resolver: DeadLetterResolver, cases: Sequence[TrackedLetter], act: Act) -> tuple[Result, ...]:
    """Settle cases one after the other."""
    return tuple([await act(resolver, case) for case in cases])
