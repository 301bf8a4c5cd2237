"""Instructions that the gateway executes for a request and for a piece of a stream, beside another commit's.

Valgrind counts them, whatever else the machine is doing: two runs of the same code differ by less than a percent. What
the kernel does is not counted.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from libs.testing.processes import IMPORT_ROOT
from libs.testing.waiting import eventually
from tests.chaos.releases import ReleaseMissing, product_of
from tests.support.gateway_process import Ways, two_ways
from tests.support.raw_client import RawClient, connected

WARM_REQUESTS, REQUESTS = 300, 500
SHORT, LONG, STREAMS = 20, 220, 4  # words: their difference is what pieces cost
PAUSE_MS = 20  # between words, so that each of them is a piece of its own
_TOTALS = "\ntotals: "
BUSY_S = 1.0  # a gateway at rest executes something as well: each count lasts about as long


@dataclass(frozen=True)
class Counts:
    """Instructions of one request with a whole answer, and of one piece of a streamed one."""

    request: float
    piece: float


class Counter:
    """Counts the instructions of one process under `callgrind`."""

    def __init__(self, folder: Path) -> None:
        self._out = folder / "callgrind"
        self._dumps = 0

    @property
    def command(self) -> tuple[str, ...]:
        return ("valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self._out}")

    async def counted(self, pid: int, client: RawClient, request: bytes, times: int) -> int:
        """Instructions of a process while a request is made several times."""
        await _control(pid, "--instr=on")
        for _ in range(times):
            assert (await client.ask(request)).status == 200
        await asyncio.sleep(BUSY_S)  # records and accounts follow their answers
        await _control(pid, "--instr=off")
        await _control(pid, "--dump")
        self._dumps += 1
        newest = self._out.with_name(f"{self._out.name}.{self._dumps}")
        await eventually(lambda: newest.exists() and _TOTALS in newest.read_text("utf-8"), within_s=60)
        return int(newest.read_text("utf-8").rpartition(_TOTALS)[2].split()[0])


async def counts(source: Path) -> Counts:
    """Count for the product in a folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        counter = Counter(folder)
        hashing = {"PYTHONHASHSEED": "0"}  # sets and dictionaries collide alike in every run
        async with two_ways(folder, hashing, source=source, under=counter.command) as ways:
            return await _counted(ways, counter)


async def _counted(ways: Ways, counter: Counter) -> Counts:
    client, pid = await connected(ways.gateway.port), ways.gateway.running.pid
    whole = ways.through.request("whole")
    short, long = (ways.through.request(f"words-{words}-{PAUSE_MS}", stream=True) for words in (SHORT, LONG))
    for request, times in ((whole, WARM_REQUESTS), (short, 1)):
        for _ in range(times):
            assert (await client.ask(request)).status == 200
    of_requests = await counter.counted(pid, client, whole, REQUESTS)
    of_short, of_long = [await counter.counted(pid, client, each, STREAMS) for each in (short, long)]
    return Counts(of_requests / REQUESTS, (of_long - of_short) / STREAMS / (LONG - SHORT))


async def _control(pid: int, command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        "callgrind_control", command, str(pid), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode(errors="replace")


def main() -> int:
    """Print the counts of the base and of this tree, and the ratios."""
    parser = argparse.ArgumentParser(prog="make bench-instructions", description=__doc__)
    parser.add_argument("--base", help="a commit to compare with")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    if shutil.which("callgrind_control") is None:
        print("valgrind is missing: apt-get install valgrind", file=sys.stderr)
        return 2
    here = asyncio.run(counts(IMPORT_ROOT))
    base = None
    if chosen.base:
        with tempfile.TemporaryDirectory() as folder:
            try:
                base = asyncio.run(counts(product_of(chosen.base, Path(folder))))
            except ReleaseMissing as error:
                print(error, file=sys.stderr)
                return 2
    print(_as_json(here, base) if chosen.json else _as_table(here, base))
    return 0


def _as_json(here: Counts, base: Counts | None) -> str:
    return json.dumps({"here": asdict(here), "base": asdict(base) if base is not None else None})


def _as_table(here: Counts, base: Counts | None) -> str:
    lines = [f"{'instructions of':<24}{'base':>12}{'here':>12}{'ratio':>8}"]
    for name, figure in asdict(here).items():
        other = getattr(base, name, None)
        beside = f"{other:>12,.0f}{figure:>12,.0f}{figure / other:>8.3f}" if other else f"{'':>12}{figure:>12,.0f}"
        lines.append(f"a {name:<22}{beside}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
