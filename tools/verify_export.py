#!/usr/bin/env python3
"""Check an export of the journal (`moe audit export`) without the product: Python 3.11 and this folder are enough.

    python verify_export.py EXPORT --public-key HEX [--checkpoints FILE] [--partial] [--json]

Exit code 0: everything holds. 1: something does not; the first bad place is named. 2: called wrongly.
docs/audit.md says what each line means and what a positive answer proves.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ed25519

OPENED = ("moe.pipeline.progress.v1", "request-opened.v1")
ENDED = ("moe.pipeline.answer-finished.v1", "answer-finished.v1")
HEADER_TYPES = (int, str, int, str, str, int, int, int, int)  # then four that are text or null
CHECKPOINT_TYPES = (str, str, int, str, int, str)
CHECKPOINT_FORMAT = "moe checkpoint 1"


class Bad(Exception):
    """Something is wrong. `index` is the number that the row in this place should have."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(frozen=True)
class Rules:
    """Whose signatures count, what is known from elsewhere, and how long a request may stay open (milliseconds).

    `outside`: sequence to hash, from checkpoints that were kept apart. `partial`: the export may end before them.
    """

    public_keys: frozenset[str]
    outside: dict[int, str] = field(default_factory=dict)
    partial: bool = False
    open_for_ms: int = 3_600_000


@dataclass
class State:
    """What is known while the rows pass by."""

    tenant: str = ""
    first: int = 1
    sequence: int = 0
    hash: bytes = bytes(32)
    signed: int = 0
    checkpoints: int = 0
    without_content: int = 0
    last_ms: int = 0
    opened: dict[str, tuple[int, int]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    complete: bool = False

    @property
    def next(self) -> int:
        return self.sequence + 1


def verify(lines: Iterable[str], rules: Rules) -> State:
    """Return what was verified. Raises Bad at the first thing that does not hold."""
    state = State()
    numbered = iter(lines)
    _begin(_parsed(next(numbered, ""), 1), state, rules)
    for line in numbered:
        if state.complete:
            raise Bad(state.next, "something follows after the end")
        value = _parsed(line, state.next)
        match value.get("kind"):
            case "row":
                _row(value, state, rules)
            case "checkpoint":
                _checkpoint(value, state, rules)
            case "end":
                _end(value, state)
            case other:
                raise Bad(state.next, f"a line of unknown kind {other!r}")
    _finish(state, rules)
    return state


def _begin(value: dict[str, object], state: State, rules: Rules) -> None:
    if value.get("kind") != "export" or value.get("format") != 1:
        raise Bad(1, "this is no export of format 1")
    state.tenant, state.first = _text(value, "tenant", 1), _number(value, "first", 1)
    state.sequence = state.signed = state.first - 1
    state.hash = _hex(value, "previous", 1, 32)
    known = rules.outside.get(state.sequence, "00" * 32 if state.sequence == 0 else None)
    if known is not None and known != state.hash.hex():
        raise Bad(state.first, "it does not begin where the chain was")
    if known is None and not rules.partial:
        raise Bad(state.first, "it begins in the middle: give the checkpoint before it, or --partial")


def _row(value: dict[str, object], state: State, rules: Rules) -> None:
    number = state.next
    header = _header(value.get("header"), number, state)
    committed = _commitment(value, number, state)
    canonical = json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    state.hash = hashlib.sha256(state.hash + canonical + committed).digest()
    if state.hash != _hex(value, "hash", number, 32):
        raise Bad(number, "the hash is not that of this header and content after the row before")
    state.sequence = number
    if rules.outside.get(number, state.hash.hex()) != state.hash.hex():
        raise Bad(number, "a checkpoint that was kept apart has another hash")
    _follow(header, state)


def _header(value: object, number: int, state: State) -> list[str | int | None]:
    if not isinstance(value, list) or len(value) != len(HEADER_TYPES) + 4:
        raise Bad(number, "the header has not 13 fields")
    if any(type(found) is not kind for found, kind in zip(value, HEADER_TYPES, strict=False)):
        raise Bad(number, "a field of the header has the wrong type")
    if any(found is not None and type(found) is not str for found in value[len(HEADER_TYPES) :]):
        raise Bad(number, "a claim in the header is not text")
    if value[0] != 1 or value[1] != state.tenant:
        raise Bad(number, "the row belongs to another tenant or format")
    if value[2] != number:
        raise Bad(number, f"sequence {value[2]} stands where {number} belongs")
    return value


def _commitment(value: dict[str, object], number: int, state: State) -> bytes:
    committed = _hex(value, "commitment", number, 32)
    if value.get("content") is None and value.get("salt") is None:
        state.without_content += 1
        return committed
    salt = _hex(value, "salt", number, 16)
    try:
        content = base64.b64decode(_text(value, "content", number), validate=True)
    except ValueError as error:
        raise Bad(number, "the content cannot be decoded") from error
    if hashlib.sha256(salt + content).digest() != committed:
        raise Bad(number, "content or salt are not what was committed to")
    return committed


def _follow(header: list[str | int | None], state: State) -> None:
    """Keep account of requests: each is opened, and ends once."""
    topic, timestamp_ms, event_id, response_id, schema = header[4], header[7], header[9], header[10], header[11]
    state.last_ms = max(state.last_ms, int(timestamp_ms or 0))
    if (topic, schema) == OPENED and str(response_id) not in state.ended:
        state.opened.setdefault(str(response_id), (state.sequence, int(timestamp_ms or 0)))
    if (topic, schema) == ENDED:
        state.opened.pop(str(response_id), None)
        if state.ended.setdefault(str(response_id), str(event_id)) != str(event_id):
            raise Bad(state.sequence, f"{response_id} has a second end")


def _checkpoint(value: dict[str, object], state: State, rules: Rules) -> None:
    fields = signed_fields(value, rules.public_keys, state.sequence)
    if int(fields[2]) > state.sequence:
        raise Bad(state.next, "rows are missing before a checkpoint")
    if fields[1:4] != [state.tenant, state.sequence, state.hash.hex()]:
        raise Bad(state.sequence, "a signed checkpoint says something else about this row")
    state.signed = state.sequence
    state.checkpoints += 1


def signed_fields(value: dict[str, object], keys: frozenset[str], index: int) -> list[str | int]:
    """Return the fields of a checkpoint (format, tenant, sequence, hash, time, key). Raises Bad unless signed."""
    fields = value.get("fields")
    if not isinstance(fields, list) or [type(found) for found in fields] != list(CHECKPOINT_TYPES):
        raise Bad(index, "a checkpoint cannot be read")
    if fields[0] != CHECKPOINT_FORMAT or fields[5] not in keys:
        raise Bad(index, "a checkpoint is signed with a key that is not trusted")
    message = json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    if not ed25519.verify(bytes.fromhex(str(fields[5])), message, _hex(value, "signature", index, 64)):
        raise Bad(index, "the signature of a checkpoint is wrong")
    return fields


def _end(value: dict[str, object], state: State) -> None:
    if (value.get("sequence"), value.get("hash")) != (state.sequence, state.hash.hex()):
        raise Bad(state.next, "the end does not match the last row")
    state.complete = True


def _finish(state: State, rules: Rules) -> None:
    if not state.complete:
        raise Bad(state.next, "it was cut off: the end is missing")
    beyond = [sequence for sequence in rules.outside if sequence > state.sequence]
    if beyond and not rules.partial:
        raise Bad(state.next, f"rows are missing: a checkpoint that was kept apart knows row {max(beyond)}")
    overdue = [
        (sequence, name)
        for name, (sequence, at_ms) in state.opened.items()
        if at_ms < state.last_ms - rules.open_for_ms
    ]
    if overdue:
        sequence, name = min(overdue)
        raise Bad(sequence, f"{name} was accepted and has no end")


def _parsed(line: str, index: int) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise Bad(index, "a line is not JSON") from error
    if not isinstance(value, dict):
        raise Bad(index, "a line is no object")
    return value


def _text(value: dict[str, object], name: str, index: int) -> str:
    if not isinstance(found := value.get(name), str):
        raise Bad(index, f"{name} is missing")
    return found


def _number(value: dict[str, object], name: str, index: int) -> int:
    if type(found := value.get(name)) is not int or found < 1:
        raise Bad(index, f"{name} is missing")
    return found


def _hex(value: dict[str, object], name: str, index: int, size: int) -> bytes:
    found = _text(value, name, index)
    raw = bytes.fromhex(found) if set(found) <= set("0123456789abcdef") and len(found) % 2 == 0 else b""
    if len(raw) != size:
        raise Bad(index, f"{name} is not {size} bytes in lower-case hex")
    return raw


def checkpoints_in(lines: Iterable[str], keys: frozenset[str], tenant: str) -> dict[int, str]:
    """Return sequence to hash of a tenant's checkpoints, from an export or from bodies of `moe.audit`. Raises Bad."""
    found: dict[int, str] = {}
    for line in filter(str.strip, lines):
        value = _parsed(line, 0)
        if "chain" in value:
            names = ("chain", "sequence", "hash", "at_ms", "key")
            value = {"kind": "checkpoint", "fields": [CHECKPOINT_FORMAT, *map(value.get, names)]} | value
        if value.get("kind") == "checkpoint":
            fields = signed_fields(value, keys, 0)
            if fields[1] == tenant and found.setdefault(int(fields[2]), str(fields[3])) != fields[3]:
                raise Bad(int(fields[2]), "two checkpoints that were kept apart differ: the chain has a fork")
    return found


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        yield from file


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check an export of the journal without the product.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--public-key", action="append", required=True, metavar="HEX", help="trusted; may be repeated")
    parser.add_argument("--checkpoints", type=Path, help="checkpoints that were kept apart, one JSON object a line")
    parser.add_argument("--partial", action="store_true", help="the export covers a period, not the whole chain")
    parser.add_argument("--open-for", type=float, default=3600, metavar="S", help="how long a request may stay open")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Run the command."""
    given = _arguments()
    try:
        keys = frozenset(given.public_key)
        tenant = _text(_parsed(next(_lines(given.export), ""), 0), "tenant", 0)
        outside = checkpoints_in(_lines(given.checkpoints), keys, tenant) if given.checkpoints else {}
        state = verify(_lines(given.export), Rules(keys, outside, given.partial, int(given.open_for * 1000)))
    except Bad as bad:
        told = {"ok": False, "index": bad.index, "reason": bad.reason}
        sys.stdout.write((json.dumps(told) if given.json else f"BAD at row {bad.index}: {bad.reason}") + "\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    facts = {
        "tenant": state.tenant,
        "rows": state.sequence - state.first + 1,
        "checkpoints": state.checkpoints,
        "without_content": state.without_content,
        "after_the_last_checkpoint": state.sequence - state.signed,
        "requests_ended": len(state.ended),
        "requests_open": len(state.opened),
    }
    text = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in facts.items())
    sys.stdout.write((json.dumps({"ok": True} | facts) if given.json else f"OK: {text}") + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
