"""Acceptance on a broker with a disk: what it has acknowledged it has kept."""

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.ports.write_ahead import Contribution


class NoWriteAhead:
    """An Acceptance with nothing left to do."""

    async def record_request(self, opened: RequestOpened) -> None:
        """See the port."""

    async def delete_request(self, opened: RequestOpened) -> None:
        """See the port."""

    async def record_end(self, finished: AnswerFinished) -> None:
        """See the port."""

    async def record_contribution(self, contribution: Contribution) -> None:
        """See the port."""
