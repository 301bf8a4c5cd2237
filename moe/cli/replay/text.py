"""A history as text for people and as JSON lines for programs."""

import base64
import json
from collections.abc import Iterator, Sequence

from libs.contracts.model_call import ModelCall, total_usage
from libs.ports.journal import JournalEntry, Position
from services.journal.domain.history import HistoryRow
from services.journal.domain.summary import summary_of

_PREFIX = "moe.pipeline."


def as_text(response_id: str, rows: Sequence[HistoryRow]) -> Iterator[str]:
    """Yield a heading, one line per record with one more per model call, and the totals."""
    tenants = sorted({_plain(row.row.entry.claims.tenant) for row in rows})
    yield f"{response_id}  {_counted(len(rows), 'record')}, tenant {', '.join(tenants)}"
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, (row, cell) in enumerate(zip(rows, cells, strict=True)):
        padded = "  ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True))
        yield f"{number:3} {row.after_ms / 1000:9.3f} s  {padded}  {_row_text(row)}".rstrip()
        if row.copy_of is None and not row.row.erased:
            yield from (f"{'':15}    {_call(call)}" for call in summary_of(row.row.entry).calls)
    yield _totals(rows)


def as_json_lines(rows: Sequence[HistoryRow]) -> Iterator[str]:
    """Yield one object per record. Bytes are text if they are UTF-8, else base64 under a name that says so."""
    for row in rows:
        yield json.dumps(_object(row), allow_nan=False)


def _cells(row: HistoryRow) -> tuple[str, str, str, str]:
    entry = row.row.entry
    place = entry.position
    return (
        place.topic.removeprefix(_PREFIX),
        f"{place.partition}/{place.offset}",
        _plain(entry.claims.schema),
        _plain(summary_of(entry).part),
    )


def _plain(claim: str | None) -> str:
    """Claim are unverified."""
    return claim if claim is not None and claim.isprintable() else "-" if claim is None else ascii(claim)


def _row_text(row: HistoryRow) -> str:
    if row.row.erased:
        return "erased"
    if row.copy_of is None:
        return summary_of(row.row.entry).text
    again = f"= {row.copy_of.partition}/{row.copy_of.offset} again"
    return f"{again}, with another body: {summary_of(row.row.entry).text}" if row.differs else again


def _call(call: ModelCall) -> str:
    tokens = f"{call.usage.prompt_tokens}+{call.usage.completion_tokens} tokens"
    estimated = " (estimated)" if call.usage_estimated else ""
    who = f"{call.stage}: {call.model}@{call.server}"
    return _plain(f"{who}, {tokens}{estimated}, {call.duration_ms} ms, {call.finish_reason}")


def _totals(rows: Sequence[HistoryRow]) -> str:
    calls = _calls_once(rows)
    usage = total_usage(calls)
    copies = sum(row.copy_of is not None for row in rows)
    again = f", {_counted(copies, 'record')} again" if copies else ""
    return f"{_counted(len(calls), 'model call')}, {usage.prompt_tokens}+{usage.completion_tokens} tokens{again}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _calls_once(rows: Sequence[HistoryRow]) -> tuple[ModelCall, ...]:
    """Calls of each event, once: one event may lie on two topics."""
    events = {_event(row.row.entry): row for row in reversed(rows)}
    return tuple(call for row in events.values() for call in summary_of(row.row.entry).calls)


def _event(entry: JournalEntry) -> tuple[str, str | Position]:
    return entry.owner.tenant, entry.claims.event_id or entry.position


def _object(row: HistoryRow) -> dict[str, object]:
    entry = row.row.entry
    claims = entry.claims
    summary = summary_of(entry)
    return {
        **_place(entry.position),
        "timestamp_ms": entry.timestamp_ms,
        "after_ms": row.after_ms,
        "received_at": row.row.received_at,
        "event_id": claims.event_id,
        "response_id": claims.response_id,
        "tenant": claims.tenant,
        "schema": claims.schema,
        "causation_id": claims.causation_id,
        "part": summary.part,
        "summary": summary.text,
        "calls": [call.model_dump(mode="json") for call in summary.calls],
        "copy_of": _place(row.copy_of) if row.copy_of is not None else None,
        "differs": row.differs,
        "erased": row.row.erased,
        "headers": [{"name": name, **_bytes("value", value)} for name, value in entry.headers],
        **(_bytes("key", entry.key) if entry.key is not None else {"key": None}),
        **_bytes("payload", entry.payload),
    }


def _place(position: Position) -> dict[str, object]:
    return {
        "log_id": position.log_id,
        "topic": position.topic,
        "partition": position.partition,
        "offset": position.offset,
    }


def _bytes(name: str, raw: bytes) -> dict[str, str]:
    try:
        return {name: raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(raw).decode("ascii")}
