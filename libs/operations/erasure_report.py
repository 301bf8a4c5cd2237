"""Report of `moe erase`: deleted content, and the time when the last copy on each topic is gone."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from libs.adapters.valkey.erasure import ErasureCounts
from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import HOUR_MS, SEGMENT_MS
from libs.core.outside_numbers import is_unix_time
from libs.ports.custody import ErasureResult, TopicTrace

_RETENTION_MS = {topic.name: topic.retention_ms for topic in TOPICS}
_CLEANING_MS = 10 * 60_000  # the broker's cleaning interval plus its delay before it deletes a removed file
_LONGEST_MS = max(_RETENTION_MS.values())


@dataclass(frozen=True, slots=True)
class InValkey:
    """Deletions in Valkey: None without a configured Valkey; `trouble` is the reason why it was unreachable."""

    forgotten: ErasureCounts | None = None
    trouble: str = ""

    def as_text(self) -> str:
        if self.trouble:
            return f"  NOT erased in Valkey, run this again: {self.trouble} (streams end by themselves in 10 minutes)"
        if self.forgotten is None:
            return "  nothing was erased in Valkey: REDIS_URL names none"
        return f"  {self.forgotten.streams} streams and {self.forgotten.notes} notes deleted in Valkey"


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """`keys_rewritten`: no file holds the destroyed key."""

    erased: ErasureResult
    valkey: InValkey = InValkey()
    dry_run: bool = field(default=False, kw_only=True)
    keys_rewritten: bool = field(default=False, kw_only=True)

    def as_json(self) -> str:
        """One JSON object."""
        topics = [asdict(trace) | {"gone_at": _deleted_at(trace)} for trace in self.erased.topics]
        fields = asdict(self.erased) | {"subject": self.erased.persons[0], "topics": topics, "dry_run": self.dry_run}
        forgotten = self.valkey.forgotten
        valkey = asdict(forgotten) if forgotten is not None else {"streams": None, "notes": None}
        fields |= valkey | {"valkey_trouble": self.valkey.trouble}
        return json.dumps(fields | {"keys_rewritten": self.keys_rewritten, "late_records_until": self._late_until()})

    def as_text(self) -> Iterator[str]:
        """Yield lines."""
        erased = self.erased
        done, person = "would erase" if self.dry_run else "erased", ", ".join(erased.persons)
        yield f"{done} {erased.rows} rows of {len(erased.responses)} responses of {person} at {erased.tenant}"
        if not erased.rows and not erased.keys:
            yield "  nothing found: no data is stored under that id; it was mistyped, never used, or erased before"
        for trace in erased.topics:
            yield f"  {trace.topic}: {trace.records} records, last copy gone {_deleted_at(trace)}"
        yield f"  no copy of anything said before now is on any topic after {self._late_until()}"
        if not self.dry_run:
            yield self.valkey.as_text()
        if not self.keys_rewritten and not self.dry_run:
            yield "  its file may still hold the wrapped key; run as the owner: VACUUM FULL moe.subject_keys"

    def _late_until(self) -> str:
        return _hour(self.erased.at_ms + _LONGEST_MS)


def _deleted_at(trace: TopicTrace) -> str:
    if trace.log_id:
        return "when the embedded broker that held it ends"
    return _hour(trace.last_ms + _RETENTION_MS.get(trace.topic, _LONGEST_MS))


def _hour(retained_until_ms: int) -> str:
    """Full hour (UTC) after which whole segments with such records are deleted.

    Producers choose the times of their records, so these may be no time of a calendar.
    """
    last_ms = max(0, retained_until_ms + SEGMENT_MS + _CLEANING_MS)
    hour_s = math.ceil(last_ms / HOUR_MS) * HOUR_MS // 1000
    if not is_unix_time(hour_s):
        return "after the year 9999"
    return datetime.fromtimestamp(hour_s, UTC).strftime("%Y-%m-%dT%H:00Z")
