"""Clients that send requests at fixed times, whatever the outcome of earlier ones: their schedule and their results."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from libs.testing.processes import IMPORT_ROOT
from tests.chaos.history import Entry, Phase

ANSWERED, REFUSALS = 200, frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Wave:
    """`rate` requests a second for `seconds`, at random times."""

    name: str
    rate: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.name}:{self.rate}:{self.seconds}"

    @classmethod
    def of(cls, text: str) -> "Wave":
        name, rate, seconds = text.split(":")
        return cls(name, float(rate), float(seconds))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request of a wave. `asked` is Unix time; `took_s` ends with the last byte; `status` 0: nothing was read.

    `queued_s` of it passed before the request was accepted. `late_s` is how late the process of the clients was, which
    is not the fleet's doing.
    """

    wave: str
    token: str
    asked: float
    took_s: float
    status: int
    response_id: str = ""
    text: str = ""
    retry_after: str = ""
    late_s: float = 0.0
    queued_s: float = 0.0

    @property
    def worked_s(self) -> float:
        return self.took_s - self.queued_s

    @property
    def answered(self) -> bool:
        return self.status == ANSWERED

    @property
    def refused(self) -> bool:
        return self.status in REFUSALS and not self.response_id

    @property
    def _phase(self) -> Phase:
        if self.answered:
            return "ok"
        return "refused" if self.refused else "fail" if self.response_id else "unknown"

    def entries(self) -> tuple[Entry, Entry]:
        code = "" if self.answered else str(self.status)
        end = self.asked + self.took_s
        return (
            Entry(self.asked, "arrival", "whole", "invoke", self.token),
            Entry(end, "arrival", "whole", self._phase, self.token, self.response_id, self.text, code),
        )


def question(token: str) -> str:
    return f"How large should connection pools be, see {token}?"


async def arrivals(url: str, key: str, waves: Sequence[Wave], seed: int) -> list[Arrival]:
    """Run the clients in a separate process and return their results. Raises RuntimeError."""
    command = (sys.executable, "-m", "tests.chaos.arriving", url, key, str(seed), *map(str, waves))
    process = await asyncio.create_subprocess_exec(*command, cwd=IMPORT_ROOT, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the clients ended with code {process.returncode}")
    return [Arrival(**json.loads(line)) for line in output.splitlines()]
