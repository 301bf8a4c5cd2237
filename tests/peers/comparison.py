"""Figures of all sides as one table, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tests.peers.sides import Effort, Side

_WIDTH = 34


@dataclass(frozen=True)
class Row:
    """One figure of the bare server, of the peer and of the gateway, in this order; None where there is none."""

    name: str
    values: tuple[float | None, float, float]

    @property
    def ratio(self) -> float | None:
        """Gateway's figure divided by the peer's; None where the peer's is nothing."""
        _, theirs, ours = self.values
        return ours / theirs if theirs else None

    def __str__(self) -> str:
        told = [f"{value:18,.2f}" if value is not None else f"{'':18}" for value in (*self.values, self.ratio)]
        return f"{self.name:{_WIDTH}}{''.join(told)}"


def rows_of(bare: Side, peer: Side, ours: Side, effort: Effort) -> list[Row]:
    sides = (bare, peer, ours)
    return [
        _row("p50 of one request, ms", [side.latency_ms(0.5) for side in sides]),
        _row("p99 of one request, ms", [side.latency_ms(0.99) for side in sides]),
        Row("added p50, ms", (None, peer.added_ms(bare, 0.5), ours.added_ms(bare, 0.5))),
        Row("added p99, ms", (None, peer.added_ms(bare, 0.99), ours.added_ms(bare, 0.99))),
        _row(f"requests/s, {effort.connections} at once", [side.a_second() for side in sides]),
        _row("requests for a CPU second", [side.a_cpu_second() for side in sides]),
        _row("CPU for a frame, us", [side.frame_us() for side in sides]),
        _row("streams of 50 words/s a core", [side.paced.streams_a_core for side in sides]),
        _row(f"longest gap, {effort.paced} of them, ms", [max(side.paced.gaps) * 1000 for side in sides]),
        _row("memory, MB", [side.memory.before / 1e6 for side in sides]),
        _row(f"{effort.idle:,} idle streams, MB more", [side.memory.grown / 1e6 for side in sides]),
    ]


def table(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Figures as text, the ratio last."""
    heads = (*names, "ours / theirs")
    return "\n".join([f"{'':{_WIDTH}}" + "".join(f"{head:>18}" for head in heads), *map(str, rows)])


def as_json(rows: Sequence[Row], names: Sequence[str], effort: Effort) -> str:
    """Figures with the load and the number of cores."""
    figures = {row.name: {**dict(zip(names, row.values, strict=True)), "ratio": row.ratio} for row in rows}
    return json.dumps({"cores": psutil.cpu_count(), "effort": asdict(effort), "figures": figures}, indent=2)


def write(path: Path | None, figures: str) -> None:
    """Write the figures to the requested file."""
    if path is not None:
        path.write_text(f"{figures}\n")


def _row(name: str, values: Sequence[float]) -> Row:
    bare, theirs, ours = values
    return Row(name, (bare, theirs, ours))
