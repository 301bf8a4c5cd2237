"""In-memory key-value store with expiry and simulated outages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.core.clock import Clock, SystemClock
from libs.ports.key_values import KeyValueStoreUnavailable


@dataclass
class FakeKeyValues:
    """See Notes. `away` makes every call fail."""

    clock: Clock = field(default_factory=SystemClock)
    away: bool = False
    values: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    lists: dict[str, set[str]] = field(default_factory=dict)

    async def get(self, name: str) -> bytes | None:
        self._reach()
        value, until = self.values.get(name, (None, 0.0))
        return value if until > self.clock.monotonic() else None

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        self._reach()
        for each in under:
            self.lists.setdefault(each, set()).add(name)
        self.values[name] = value, self.clock.monotonic() + life_s

    async def put_if_absent(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> bytes | None:
        if (known := await self.get(name)) is None:
            await self.put(name, value, life_s, under=under)
        return known

    async def compare_and_swap(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        if await self.get(name) != old:
            return False
        await (self.put(name, new, life_s) if new else self.delete(name))
        return True

    async def delete(self, *names: str) -> None:
        self._reach()
        for name in names:
            self.values.pop(name, None)

    def _reach(self) -> None:
        if self.away:
            raise KeyValueStoreUnavailable("taken away by the test")
