"""Recorded histories that the present code must reproduce: `python -m tests.support.golden` records them anew."""

import asyncio
import base64
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from libs.contracts.envelope import Headers, read_envelope
from libs.ports.journal import Claims, Journaled, JournalEntry, Position
from libs.testing.stores import valkey
from moe.cli.replay.text import as_json_lines
from services.journal.domain.history import ordered
from tests.support.fleet import SIGNER
from tests.support.recorded_messages import Kept, journal_of
from tests.support.scenes import SCENES, played

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "histories"
RECORDED = (
    "three experts are merged",
    "exact tools",
    "a candidate is promoted",
    "the critic objects",
    "the second tier is asked",
    "one part waits for another",
    "one part fails",
    "the deadline of the parts",
    "the client leaves",
    "the client leaves the critic",
    "a plan is shown before a merge",
    "agents are answered",
)


def golden_files() -> list[Path]:
    return sorted(FOLDER.glob("*.jsonl"))


def read_golden(path: Path) -> Kept:
    return Kept(tuple(_row(json.loads(line)) for line in path.read_text("utf-8").splitlines()))


def write_golden(path: Path, journal: Kept) -> None:
    """Write a journal to a file."""
    path.write_text("".join(f"{line}\n" for line in as_json_lines(ordered(journal.rows))), "utf-8")


def _row(kept: dict[str, object]) -> Journaled:
    position = Position(*(kept[name] for name in ("log_id", "topic", "partition", "offset")))  # type: ignore[arg-type]
    headers = _signed(tuple(_headers(kept["headers"])), _raw(kept, "payload"))
    key = _raw(kept, "key")
    entry = JournalEntry(position, int(str(kept["timestamp_ms"])), key, headers, _raw(kept, "payload"))
    claims = Claims(**{name: kept[name] for name in Claims.__dataclass_fields__})  # type: ignore[arg-type]
    entry = JournalEntry(position, entry.timestamp_ms, key, headers, entry.payload, claims)
    return Journaled(entry, float(str(kept["received_at"])))


def _headers(kept: object) -> Iterator[tuple[str, bytes]]:
    assert isinstance(kept, list)
    return ((header["name"], _raw(header, "value")) for header in kept)


def _signed(headers: Headers, payload: bytes) -> Headers:
    """Headers as this process signs them: tests have another key each time."""
    signature = SIGNER.sign(read_envelope(headers)[0], payload).encode()
    return tuple((name, signature if name == "signature" else value) for name, value in headers)


def _raw(kept: dict[str, object], name: str) -> bytes:
    encoded = kept.get(f"{name}_base64")
    return str(kept[name]).encode() if encoded is None else base64.b64decode(str(encoded))


async def _record(folder: Path) -> None:
    async with valkey() as url:
        for name in RECORDED:
            with tempfile.TemporaryDirectory() as data_dir:
                async with played(SCENES[name], url, Path(data_dir)) as client:
                    write_golden(folder / f"{name.replace(' ', '-')}.jsonl", journal_of(client))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(_record(FOLDER))
