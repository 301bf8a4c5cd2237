"""Acceptance on a broker with a disk: what it has acknowledged it has kept."""

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.ports.acceptance import Contribution


class DurableLog:
    """An Acceptance with nothing left to do."""

    async def accept(self, opened: RequestOpened) -> None:
        """See the port."""

    async def withdraw(self, opened: RequestOpened) -> None:
        """See the port."""

    async def end(self, finished: AnswerFinished) -> None:
        """See the port."""

    async def keep(self, contribution: Contribution) -> None:
        """See the port."""
