"""Tool switches in a file, for instances on one machine that share a data directory."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable

LOOK_EVERY_S = 1.0
_NAMES = TypeAdapter(frozenset[str])


class SwitchesUnreadable(Retryable):
    """The file cannot be read or written. Ignoring that would enable disabled tools."""

    code = "switches_unreadable"


class FileSwitches:
    """A JSON list of disabled names, read once a second at most; without a file everything is enabled."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._off: frozenset[str] = frozenset()
        self._looked_at = float("-inf")

    def off(self, name: str) -> bool:
        """Raises SwitchesUnreadable."""
        now = self._clock.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._off = self._read()
            self._looked_at = now
        return name in self._off

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        """Raises SwitchesUnreadable. `actor` is not recorded."""
        del actor
        self._off = await asyncio.to_thread(self._write, name, on=on)
        self._looked_at = self._clock.monotonic()

    def _read(self) -> frozenset[str]:
        try:
            return _NAMES.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return frozenset()
        except (OSError, ValidationError) as error:
            raise SwitchesUnreadable(
                f"{self._path.name}: cannot be read, so the switched-off tools are unknown"
            ) from error

    def _write(self, name: str, *, on: bool) -> frozenset[str]:
        with self._alone():
            off = self._read() - {name} if on else self._read() | {name}
            draft = self._path.with_suffix(".new")
            with draft.open("wb") as file:
                file.write(_NAMES.dump_json(frozenset(off)))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        return off

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Serializes processes: two concurrent changes must both be stored."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise SwitchesUnreadable(f"{self._path.name}: cannot be written ({error.strerror})") from error
