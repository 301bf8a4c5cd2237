"""The journal as an auditor sees it: an export, the verifier beside it, and replay."""

import asyncio
import json
import sys

import asyncpg

from libs.core.clock import SystemClock
from libs.runtime.settings.identity import BOOTSTRAP_TENANT
from libs.testing.processes import IMPORT_ROOT, moe
from tests.chaos.cluster import Cluster
from tests.chaos.collecting import Audit
from tests.chaos.evidence import Replayed

SEALED_WITHIN_S = 120.0
UNSIGNED_ROWS = 100  # rows about checkpoints do not count towards the next one
_REPLAYED_WITHIN_S = 600.0
_LOOK_EVERY_S = 0.5
_UNSEALED = "SELECT count(*) FROM moe.journal LEFT JOIN moe.chain ON row_id = journal.id WHERE row_id IS NULL"
_UNSIGNED = "SELECT coalesce(sum(unsigned), 0) FROM moe.heads"
_SUPERSEDED = 'SELECT topic, partition, "offset" FROM moe.superseded'
_CLOCK = SystemClock()


async def audited(cluster: Cluster) -> Audit:
    """Wait until all is sealed and signed, have it verified, and every request made again."""
    connection = await asyncpg.connect(cluster.postgres_url)
    try:
        unsealed = await _remaining(connection, _UNSEALED)
        unsigned = await _remaining(connection, _UNSIGNED)
        rows = await connection.fetch(_SUPERSEDED)
    finally:
        await connection.close()
    superseded = frozenset((str(row[0]), int(row[1]), int(row[2])) for row in rows)
    incomplete = unsealed or unsigned
    chain = f"{unsealed} rows not sealed, {unsigned} not signed" if incomplete else await _verified(cluster)
    return Audit(chain, superseded, await _replayed(cluster))


async def _remaining(connection: asyncpg.Connection, count: str) -> int:
    """Rows that the query still counts: 0, or the rest at the time limit."""
    until = _CLOCK.monotonic() + SEALED_WITHIN_S
    while True:
        remaining = int(await connection.fetchval(count))
        if not remaining or _CLOCK.monotonic() > until:
            return remaining
        await asyncio.sleep(_LOOK_EVERY_S)


async def _verified(cluster: Cluster) -> str:
    """Complaints of the verifier; empty for an intact chain."""
    export = cluster.place.folder / "export.jsonl"
    options = ("--tenant", BOOTSTRAP_TENANT, "--include-unsigned", "--out", str(export))
    written = await moe(cluster.place, "audit", "export", *options)
    key = await moe(cluster.place, "audit", "key")
    if written.code or key.code:
        return (written.errors + key.errors)[-500:]
    trust = ("--public-key", key.output.strip(), "--unsigned", str(UNSIGNED_ROWS))
    command = (sys.executable, "tools/verify_export.py", str(export), *trust)
    pipe = asyncio.subprocess.PIPE
    verifier = await asyncio.create_subprocess_exec(*command, cwd=IMPORT_ROOT, stdout=pipe, stderr=pipe)
    output, errors = await verifier.communicate()
    return (output + errors).decode()[-500:] if verifier.returncode else ""


async def _replayed(cluster: Cluster) -> tuple[Replayed, ...]:
    """Verdicts of `moe replay` on every ended request. Raises RuntimeError if it fails."""
    options = ("--all", "--limit", "1000000", "--verify", "--json")
    ran = await moe(cluster.place, "replay", *options, within_s=_REPLAYED_WITHIN_S)
    if ran.code > 1 or "Traceback" in ran.errors:
        raise RuntimeError(f"moe replay ended with {ran.code}: {ran.errors[-2000:]}")
    verdicts = (json.loads(line) for line in ran.output.splitlines())
    return tuple(Replayed(each["response_id"], each["status"], _first(each["differences"])) for each in verdicts)


def _first(differences: list[dict[str, object]]) -> str:
    return json.dumps(differences[0]) if differences else ""
