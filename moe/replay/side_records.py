"""Verifies records beside a request's main path: retries and dead letters."""

import hashlib
from base64 import b64decode
from collections.abc import Iterator, Sequence

from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.topics import AUDIT, DEAD_LETTERS, RETRY_TOPICS
from moe.replay.mismatch import RecordLocation, ReplayMismatch
from moe.replay.records import ReplayRecord

SIDE_TOPICS = frozenset(topic.name for topic in (*RETRY_TOPICS, DEAD_LETTERS, AUDIT))
_RETRIES = frozenset(topic.name for topic in RETRY_TOPICS)


def side_record_mismatches(history: Sequence[ReplayRecord]) -> Iterator[ReplayMismatch]:
    """Yield retries and dead letters that differ from their original record."""
    bodies = {(said.event_id, said.entry.payload) for said in history if said.topic not in SIDE_TOPICS}
    places = {said.place[1:]: said for said in history}
    for said in history:
        if said.topic in _RETRIES and (said.event_id, said.entry.payload) not in bodies:
            yield RecordLocation(said.index, "retries").missing(
                "that of the record that is tried again", "body", "another"
            )
        if isinstance(said.message, DeadLettered):
            yield from _letter(said, said.message, places)


def resent_events(history: Sequence[ReplayRecord]) -> frozenset[str]:
    """Ids of events that an operator replayed from a dead letter: such a command gets a new deadline."""
    replayed = {
        said.message.letter
        for said in history
        if isinstance(said.message, DeadLetterSettled) and said.message.action == "replayed"
    }
    letters = (said.message for said in history if isinstance(said.message, DeadLettered))
    headers = (dict(letter.record.headers) for letter in letters if letter.letter in replayed)
    return frozenset(b64decode(each["event_id"]).decode() for each in headers if "event_id" in each)


def is_checked(said: ReplayRecord) -> bool:
    return said.topic in _RETRIES or isinstance(said.message, DeadLettered)


def _letter(
    said: ReplayRecord, letter: DeadLettered, places: dict[tuple[str, int, int], ReplayRecord]
) -> Iterator[ReplayMismatch]:
    """A letter about a record of another history cannot be compared here."""
    record = letter.record
    original = places.get((record.topic, record.partition, record.offset))
    if original is not None:
        sha256 = hashlib.sha256(original.entry.payload).hexdigest()
        if sha256 != record.body_sha256:
            yield RecordLocation(said.index, letter.stage).mismatch(
                "body.record.body_sha256", sha256, record.body_sha256
            )
