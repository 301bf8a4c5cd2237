"""Guards during a run: one detects a standstill, the other waits for the last end."""

import asyncio

import asyncpg

from libs.contracts.catalogue import TOPICS
from libs.contracts.record import Record
from libs.contracts.topics import ANSWER_FINISHED, DEAD_LETTERS, PROGRESS
from libs.core.clock import SystemClock
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.log_reader import records_on
from tests.chaos.client import LEFT
from tests.chaos.cluster import Cluster
from tests.chaos.collecting import position_of
from tests.chaos.evidence import Positions
from tests.chaos.history import History

STUCK_AFTER_S = 180.0
_LOOK_EVERY_S = 1.0
_CLOCK = SystemClock()
_GIVEN_UP = frozenset({LEFT, "not_found", "patience"})
_OPENED, _ENDED = b"request-opened.v1", b"answer-finished.v1"


class Stuck(Exception):
    """Clients wait and none receives an answer; the message holds the end of every log."""


async def watch(history: History, cluster: Cluster) -> None:
    """Raise Stuck when clients have waited for three minutes and none received anything. Never returns."""
    before, since = 0, _CLOCK.monotonic()
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        waiting, moved = _waiting(history)
        if moved != before or not waiting:
            before, since = moved, _CLOCK.monotonic()
        elif _CLOCK.monotonic() - since > STUCK_AFTER_S:
            tasks = "\n".join(repr(task) for task in asyncio.all_tasks())
            raise Stuck(f"{waiting} clients wait, none was told anything for three minutes\n{tails(cluster)}\n{tasks}")


def tails(cluster: Cluster, lines: int = 15) -> str:
    return "\n".join(f"--- {name}\n{process.log_tail(lines)}" for name, process in cluster.processes.items())


async def until_all_ended(cluster: Cluster, injected: Positions, timeout_s: float) -> bool:
    """Wait until every opened request has its end on the log; return whether that happened in time.

    Injected records open no requests.
    """
    until = _CLOCK.monotonic() + timeout_s
    while _CLOCK.monotonic() < until:
        records = await records_on(KafkaConnection(cluster.kafka), [PROGRESS, ANSWER_FINISHED])
        if _opened(records, injected) <= _ended(records, ANSWER_FINISHED.name) & _ended(records, PROGRESS.name):
            return True
        await asyncio.sleep(_LOOK_EVERY_S)
    return False


async def log_and_journal(cluster: Cluster, injected: Positions, timeout_s: float) -> tuple[list[Record], Positions]:
    """The log and its journaled part, once the journal is complete or the time is over.

    Waits for a dead letter for each injected record.
    """
    until = _CLOCK.monotonic() + timeout_s
    while True:
        records = await records_on(KafkaConnection(cluster.kafka), TOPICS)
        kept = await _kept(cluster.postgres_url)
        lies = {position_of(record) for record in records}
        letters = sum(position[0] == DEAD_LETTERS.name for position in lies - injected)
        is_whole = letters >= len(injected) and lies <= kept
        if is_whole or _CLOCK.monotonic() > until:
            return records, kept
        await asyncio.sleep(_LOOK_EVERY_S)


async def _kept(postgres_url: str) -> Positions:
    connection = await asyncpg.connect(postgres_url)
    try:
        rows = await connection.fetch('SELECT topic, partition, "offset" FROM moe.journal')
    finally:
        await connection.close()
    return frozenset((str(row[0]), int(row[1]), int(row[2])) for row in rows)


def _waiting(history: History) -> tuple[int, int]:
    """Number of waiting clients, and of entries about clients that stopped waiting."""
    own = [entry for entry in history.entries if entry.op != "fault"]
    asked = {entry.token for entry in own if entry.phase == "invoke"}
    told = {entry.token for entry in own if entry.phase in ("ok", "fail", "refused") or entry.code in _GIVEN_UP}
    return len(asked - told), len(told)


def _opened(records: list[Record], injected: Positions) -> set[bytes]:
    opening = (record for record in records if ("schema", _OPENED) in record.headers)
    return {record.key or b"" for record in opening if position_of(record) not in injected}


def _ended(records: list[Record], topic: str) -> set[bytes]:
    return {record.key or b"" for record in records if record.topic == topic and ("schema", _ENDED) in record.headers}
