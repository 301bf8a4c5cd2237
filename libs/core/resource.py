"""The base of objects that are entered before use."""

from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self


class Resource(ABC):
    """An async context manager that is its own value. It may be entered again after it was left."""

    _exit_stack: AsyncExitStack

    @abstractmethod
    async def _enter(self, stack: AsyncExitStack) -> None:
        """Start, and push on `stack` what ends it.

        If this raises or is cancelled, what was pushed by then is undone. Each pushed step runs, also after another
        one failed.
        """

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._enter(stack)
            object.__setattr__(self, "_exit_stack", stack.pop_all())  # may be a frozen dataclass
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit_stack.__aexit__(kind, error, trace)
