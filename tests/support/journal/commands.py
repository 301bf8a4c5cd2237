"""Shared by operators' tests: a journal that the service has filled and sealed."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from libs.adapters.journal.sealer import Sealer
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.postgres.login import logged_in
from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core.database_roles import SEALER_ROLE
from libs.core.ids import new_response_id
from libs.core.subjects import pseudonym
from libs.runtime.messaging.codec import encode
from libs.runtime.messaging.signing import Signer
from libs.testing.keys import AUDIT_KEY, every_root
from moe.registry import build_service
from tests.support.journal.recording_publisher import RecordingPublisher

VERIFIER = Path(__file__).parents[3] / "tools" / "verify_export.py"
PUBLIC_KEY = CheckpointSigner(AUDIT_KEY).public_key
NOW_S = 1_763_700_000.0
OPENINGS = {
    user: Origin(new_response_id(3, NOW_S), "acme", deadline_at=NOW_S + 60, trace="00-t-01") for user in ("ada", "bob")
}


def variables(url: str, signing_key: str) -> dict[str, str]:
    rules = {"MOE_CHECKPOINT_ROWS": "1", "MOE_AUDIT_KEY": AUDIT_KEY}
    return {"POSTGRES_CHECKPOINT_URL": url, **every_root(signing_key)} | rules


def verified(export: str, *arguments: str) -> dict[str, object]:
    """Run the verifier as an auditor does: apart from the product, in a Python that has nothing but itself."""
    command = [sys.executable, "-E", "-s", "-S", str(VERIFIER), export, "--public-key", PUBLIC_KEY, "--json"]
    result = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=180, check=False)
    assert result.returncode in (0, 1), result.stderr
    told: dict[str, object] = json.loads(result.stdout)
    return told


def request_of(user: str, words: str, signing_key: str, first_offset: int) -> list[Record]:
    """The records of a request: opened, asked, ended."""
    origin = replace(OPENINGS[user], subject=pseudonym(signing_key, "acme", user))
    question = Question(text=words)
    opened = RequestOpened(question=question, model="m", accepted_at=NOW_S).opening(origin)
    ended = AnswerFinished(outcome="answered", text=words).after(opened)
    messages: list[Message] = [opened, QuestionAsked(question=question).after(opened), ended]
    signer = Signer(signing_key.encode())
    outgoing = [record for message in messages for record in encode(message, signer)]
    return [
        Record(
            each.topic.name, 0, first_offset + number, int(NOW_S * 1000) + number, each.key, each.headers, each.value
        )
        for number, each in enumerate(outgoing)
    ]


async def keep(url: str, signing_key: str, records: list[Record], *, checkpoint_rows: int = 1) -> RecordingPublisher:
    """Run the service until it has stored and sealed the records; return its output."""
    given = variables(url, signing_key) | {"MOE_CHECKPOINT_ROWS": str(checkpoint_rows)}
    service = build_service("journal", given)
    (sink,), (journal, *_), (sealer, *_), said = service.sinks, service.resources, service.workers, RecordingPublisher()
    assert isinstance(sealer, Sealer)
    async with journal:
        await asyncio.gather(*(sink.store(record) for record in records))
    async with logged_in(url, signing_key, SEALER_ROLE) as session:
        await sealer.round(session, said)
    return said
