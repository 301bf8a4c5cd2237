"""Write-ahead store for a broker with a disk: what it has acknowledged is stored."""

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.ports.write_ahead import Contribution


class NoWriteAhead:
    async def record_request(self, opened: RequestOpened) -> None:
        """No-op."""

    async def delete_request(self, opened: RequestOpened) -> None:
        """No-op."""

    async def record_end(self, finished: AnswerFinished) -> None:
        """No-op."""

    async def record_contribution(self, contribution: Contribution) -> None:
        """No-op."""
