#!/usr/bin/env python3
"""Check an export of the journal (`moe audit export`) without the product: Python 3.11 and this folder are enough.

    python verify_export.py EXPORT --public-key HEX [--checkpoints FILE] [--unsigned N] [--partial] [--json]

Exit code 0: everything holds, and a checkpoint that a given key signed covers all rows but the last N (by default all).
1: something does not hold; the first bad place is named. 2: called wrongly.
docs/audit.md says what each line means and what a positive answer proves.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from checkpoints import checkpoints_in, read_checkpoints, signed_head, trusted_keys
from export_lines import Bad, BadLine, binary, number, parsed, printable, read_complete_lines, require_fields, text

__all__ = ["Bad", "Rules", "State", "checkpoints_in", "trusted_keys", "verify"]
OPENED = ("moe.pipeline.progress.v1", "request-opened.v1")
ENDED = ("moe.pipeline.answer-finished.v1", "answer-finished.v1")
HEADER_TYPES = (int, str, int, str, str, int, int, int, int)  # then four that are text or null
HEADING_FIELDS = frozenset({"format", "tenant", "first", "previous"})
ROW_FIELDS = frozenset({"header", "commitment", "salt", "content", "hash"})
CHECKPOINT_FIELDS = frozenset({"fields", "signature"})
# By format: the first one did not say how many checkpoints it has.
END_FIELDS = {1: frozenset({"sequence", "hash"}), 2: frozenset({"sequence", "hash", "checkpoints"})}


@dataclass(frozen=True)
class Rules:
    """Whose signatures count, what is known from elsewhere, and how long a request may stay open (milliseconds).

    `outside`: sequence to hash, from checkpoints that were kept apart. `partial`: the export may end before them.
    `unsigned`: how many of the last rows no checkpoint has to cover. `tenant`: whose export it has to be, if given.
    """

    public_keys: frozenset[str]
    outside: dict[int, str] = field(default_factory=dict)
    partial: bool = False
    open_for_ms: int = 3_600_000
    unsigned: int = 0
    tenant: str | None = None


@dataclass
class State:
    """What is known while the rows pass by. `signed` is the last row that a trusted checkpoint covers."""

    format: int = 2
    tenant: str = ""
    first: int = 1
    sequence: int = 0
    hash: bytes = bytes(32)
    signed: int | None = None
    checkpointed: int = 0
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
    """Verified facts. Raises Bad at the first violation."""
    state = State()
    numbered = iter(lines)
    try:
        _begin(parsed(next(numbered, ""), 1), state, rules)
        for line in numbered:
            _line(parsed(line, state.next), state, rules)
    except BadLine as error:
        raise Bad(state.next, str(error)) from error
    _finish(state, rules)
    return state


def _line(value: dict[str, object], state: State, rules: Rules) -> None:
    if state.complete:
        raise Bad(state.next, "something follows after the end")
    match value.get("kind"):
        case "row":
            _row(value, state, rules)
        case "checkpoint":
            _checkpoint(value, state, rules)
        case "end":
            _end(value, state)
        case _:
            raise Bad(state.next, "a line is neither row, checkpoint nor end")


def _begin(value: dict[str, object], state: State, rules: Rules) -> None:
    if value.get("kind") != "export" or type(value.get("format")) is not int or value["format"] not in END_FIELDS:
        raise Bad(1, f"this is no export of format {' or '.join(map(str, END_FIELDS))}")
    require_fields(value, HEADING_FIELDS, 1)
    state.format, state.tenant = number(value, "format", 1, 1), text(value, "tenant", 1)
    if rules.tenant is not None and rules.tenant != state.tenant:
        raise Bad(1, f"this is an export of tenant {printable(state.tenant)}")
    state.first = number(value, "first", 1, 1)
    state.sequence = state.checkpointed = state.first - 1
    state.hash = binary(value, "previous", 1, 32)
    known = rules.outside.get(state.sequence, "00" * 32 if state.sequence == 0 else None)
    if known is not None and known != state.hash.hex():
        raise Bad(state.first, "it does not begin where the chain was")
    if known is None and not rules.partial:
        raise Bad(state.first, "it begins in the middle: give the checkpoint before it, or --partial")
    state.signed = state.sequence if state.sequence in rules.outside else None


def _row(value: dict[str, object], state: State, rules: Rules) -> None:
    place = state.next
    require_fields(value, ROW_FIELDS, place)
    header = _header(value["header"], place, state)
    committed = _commitment(value, place, state)
    canonical = json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    state.hash = hashlib.sha256(state.hash + canonical + committed).digest()
    if state.hash != binary(value, "hash", place, 32):
        raise Bad(place, "the hash is not that of this header and content after the row before")
    state.sequence = place
    if place in rules.outside:
        if rules.outside[place] != state.hash.hex():
            raise Bad(place, "a checkpoint that was kept apart has another hash")
        state.signed = place
    _follow(header, state)


def _header(value: object, place: int, state: State) -> list[str | int | None]:
    if not isinstance(value, list) or len(value) != len(HEADER_TYPES) + 4:
        raise Bad(place, "the header has not 13 fields")
    if any(type(found) is not kind for found, kind in zip(value, HEADER_TYPES, strict=False)):
        raise Bad(place, "a field of the header has the wrong type")
    if any(found is not None and type(found) is not str for found in value[len(HEADER_TYPES) :]):
        raise Bad(place, "a claim in the header is not text")
    if value[0] != 1 or value[1] != state.tenant:
        raise Bad(place, "the row belongs to another tenant or format")
    if value[2] != place:
        raise Bad(place, f"sequence {value[2]} stands where {place} belongs")
    return value


def _commitment(value: dict[str, object], place: int, state: State) -> bytes:
    committed = binary(value, "commitment", place, 32)
    if value.get("content") is None and value.get("salt") is None:
        state.without_content += 1
        return committed
    salt = binary(value, "salt", place, 16)
    try:
        encoded = text(value, "content", place).encode("ascii")
        content = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise Bad(place, "the content cannot be decoded") from error
    if base64.b64encode(content) != encoded:
        raise Bad(place, "the content is not in the one spelling of base64")
    if hashlib.sha256(salt + content).digest() != committed:
        raise Bad(place, "content or salt are not what was committed to")
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
            raise Bad(state.sequence, f"{printable(str(response_id))} has a second end")


def _checkpoint(value: dict[str, object], state: State, rules: Rules) -> None:
    require_fields(value, CHECKPOINT_FIELDS, state.sequence)
    tenant, sequence, hash_ = signed_head(value, rules.public_keys, state.sequence)
    if sequence > state.sequence:
        raise Bad(state.next, "rows are missing before a checkpoint")
    if (tenant, sequence, hash_) != (state.tenant, state.sequence, state.hash.hex()):
        raise Bad(state.sequence, "a signed checkpoint says something else about this row")
    if sequence == state.checkpointed:
        raise Bad(state.sequence, "a checkpoint stands twice, or before the first row")
    state.signed = state.checkpointed = state.sequence
    state.checkpoints += 1


def _end(value: dict[str, object], state: State) -> None:
    require_fields(value, END_FIELDS[state.format], state.next)
    if (number(value, "sequence", state.next, 0), value["hash"]) != (state.sequence, state.hash.hex()):
        raise Bad(state.next, "the end does not match the last row")
    if state.format > 1 and number(value, "checkpoints", state.next, 0) != state.checkpoints:
        raise Bad(state.next, "the end tells of another number of checkpoints")
    state.complete = True


def _finish(state: State, rules: Rules) -> None:
    if not state.complete:
        raise Bad(state.next, "it was cut off: the end is missing")
    beyond = [sequence for sequence in rules.outside if sequence > state.sequence]
    if beyond and not rules.partial:
        raise Bad(state.next, f"rows are missing: a checkpoint that was kept apart knows row {max(beyond)}")
    if state.sequence < state.first:
        raise Bad(state.first, "it has no rows, so it proves nothing")
    if state.signed is None:
        raise Bad(state.first, "no checkpoint that a given key signed covers any of it: nothing is proven")
    if (tail := state.sequence - state.signed) > rules.unsigned:
        raise Bad(state.signed + 1, f"the last {tail} rows have no checkpoint; --unsigned allows {rules.unsigned}")
    _require_ends(state, rules)


def _require_ends(state: State, rules: Rules) -> None:
    overdue = [
        (sequence, name)
        for name, (sequence, at_ms) in state.opened.items()
        if at_ms < state.last_ms - rules.open_for_ms
    ]
    if overdue:
        sequence, name = min(overdue)
        raise Bad(sequence, f"{printable(name)} was accepted and has no end")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Check an export of the journal without the product.", allow_abbrev=False
    )
    parser.add_argument("export", type=Path)
    parser.add_argument(
        "--public-key", action="append", required=True, metavar="HEX", help="trusted; once for each key of a rotation"
    )
    parser.add_argument("--checkpoints", type=Path, help="checkpoints that were kept apart, one JSON object a line")
    parser.add_argument("--tenant", help="whose export it has to be")
    parser.add_argument(
        "--unsigned", type=_count, default=0, metavar="N", help="last rows that may have no checkpoint (default 0)"
    )
    parser.add_argument("--partial", action="store_true", help="the export covers a period, not the whole chain")
    parser.add_argument("--open-for", type=_count, default=3600, metavar="S", help="how long a request may stay open")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _count(given: str) -> int:
    if not (given.isascii() and given.isdigit()):
        raise argparse.ArgumentTypeError("a whole number from 0 on")
    return int(given)


def main() -> int:
    """Run the command."""
    given = _arguments()
    try:
        state = _verified(given)
    except Bad as bad:
        return _failed(bad.index, bad.reason, as_json=given.json)
    except OSError as error:
        return _failed(0, f"cannot read {printable(str(error.filename))}: {error.strerror}", as_json=given.json)
    signed = state.first - 1 if state.signed is None else state.signed
    facts = {
        "tenant": state.tenant,
        "rows": state.sequence - state.first + 1,
        "checkpoints": state.checkpoints,
        "without_content": state.without_content,
        "after_the_last_checkpoint": state.sequence - signed,
        "requests_ended": len(state.ended),
        "requests_open": len(state.opened),
    }
    shown = ", ".join(f"{name.replace('_', ' ')} {printable(str(fact))}" for name, fact in facts.items())
    sys.stdout.write((json.dumps({"ok": True} | facts) if given.json else f"OK: {shown}") + "\n")
    return 0


def _verified(given: argparse.Namespace) -> State:
    keys = trusted_keys(given.public_key)
    lines = read_complete_lines(given.export)
    try:
        heading = next(lines, "")
    except BadLine as error:
        raise Bad(1, str(error)) from error
    tenant = text(parsed(heading, 1), "tenant", 1)
    outside = read_checkpoints(given.checkpoints, keys, tenant) if given.checkpoints else {}
    rules = Rules(keys, outside, given.partial, given.open_for * 1000, given.unsigned, given.tenant)
    return verify(chain([heading], lines), rules)


def _failed(index: int, reason: str, *, as_json: bool) -> int:
    told = {"ok": False, "index": index, "reason": reason}
    sys.stdout.write((json.dumps(told) if as_json else f"BAD at row {index}: {reason}") + "\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
