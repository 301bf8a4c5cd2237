"""The database and the log of an older release under this code: migrated, readable, one chain, and written on.

`tests/fixtures/releases/journal-0006` was recorded by the code whose last migration was 0006: four messages of one
request. `database.sql` is `pg_dump --inserts --schema=moe`, `log.jsonl` its records, bytes in base64.
"""

import json
import re
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.sealer import Sealer
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.migrate import migrate, shipped
from libs.adapters.postgres.sessions import Connection
from libs.contracts.answer import AnswerFinished
from libs.contracts.audit import AuditRecorded
from libs.contracts.message import Message
from libs.contracts.progress import PartCompleted, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.record import Record
from libs.core.database_roles import RENAMED_ROLES, SEALER_ROLE
from libs.core.key_roots import RootKeys
from libs.runtime.messaging.codec import decode, verified_envelope, verifier
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.stores import postgres
from services.journal.domain.entries import entry_of
from tests.integration.journal.test_sealer import assert_links, chain_of
from tests.support.journal.recording_publisher import RecordingPublisher

pytestmark = pytest.mark.embedded
# An audit entry that was not published yet, and a request that was open: the dump has neither.
PENDING = """
INSERT INTO moe.acts (tenant, action, actor, target) VALUES ('acme', 'hold-placed', 'ada', 'h1');
INSERT INTO moe.accepted (tenant, response_id, kind, log_id, key_id, tag, content)
SELECT 'acme', 'still-open', 'opened', 'log-1', min(key_id), 'tag', 'content' FROM moe.subject_keys;
"""
FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "releases" / "journal-0006"
KEY = "a signing key of an installation of long ago"
SIGNER = Signer(KEY.encode())
SECRETS = JournalSecrets(KEY, RootKeys(KEY))


def old_records() -> list[Record]:
    return [_record(json.loads(line)) for line in (FIXTURE / "log.jsonl").read_text("utf-8").splitlines()]


def old_messages() -> list[Message]:
    return [decode(record, verified_envelope(record, SIGNER)) for record in old_records()]


@pytest_asyncio.fixture(params=["a new server", "a server of this release"])
async def restored_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Yield the address of a database with the dump, as an operator restores it: the roles that it names first.

    On a separate server: the roles log in by another key than those of the other tests.
    """
    dump = (FIXTURE / "database.sql").read_text("utf-8")
    async with postgres() as url:
        owner = await asyncpg.connect(url)
        if request.param == "a server of this release":
            await migrate(owner)
            await owner.execute("DROP SCHEMA moe CASCADE")
        for role in set(re.findall(r"\bmoe_\w+", dump)) - await _roles_in(owner):
            await owner.execute(f"CREATE ROLE {role}")
        await owner.execute(dump)
        await owner.execute(PENDING)
        await owner.close()
        yield url


def test_a_log_of_an_older_release_is_verified_and_decoded() -> None:
    messages = old_messages()
    kinds = (RequestOpened, QuestionAsked, PartCompleted, AnswerFinished)
    assert {type(message) for message in messages} == set(kinds)
    assert {message.envelope.tenant for message in messages} == {"acme"}
    (end, *_) = [message for message in messages if isinstance(message, AnswerFinished)]
    assert (end.outcome, end.text) == ("answered", "Wegen der Streuung des Lichts.")


async def test_a_database_of_an_older_release_is_migrated_read_and_written_on(restored_url: str) -> None:
    done = await migrated(restored_url, SECRETS.passwords)
    assert done.applied == tuple(each.name for each in shipped() if each.name > "0006_accepted.sql")
    response_id = old_messages()[0].envelope.response_id
    history = await PostgresJournalReader(restored_url, SECRETS).history(response_id)
    old = [entry_of(record, "", verifier(SIGNER)) for record in old_records()]
    assert sorted(each.entry.position for each in history) == sorted(each.position for each in old)
    assert {each.entry.payload for each in history} == {each.payload for each in old}
    later = Record("moe.requests", 0, 99, 1, b"k", (("tenant", b"acme"), ("response_id", b"r")), b"{}")
    async with PostgresJournal(restored_url, SECRETS) as journal:
        for entry in (*old, entry_of(later, "", verifier(SIGNER))):  # the old ones again change nothing
            await journal.append(entry)
    async with logged_in(restored_url, SECRETS.passwords, SEALER_ROLE) as session:
        await Sealer(restored_url, SECRETS, CheckpointSigner(KEY)).round(session, said := RecordingPublisher())
    owner = await asyncpg.connect(restored_url)
    rows = await chain_of(owner, "acme")
    assert not await _roles_in(owner) & set(RENAMED_ROLES)
    assert ("hold-placed", "ada", "h1") in [(act.action, act.actor, act.target) for act in _acts(said)]
    assert await owner.fetchval("SELECT count(*) FROM moe.audit_outbox") == 0
    assert await owner.fetchval("SELECT content FROM moe.write_ahead WHERE response_id = 'still-open'") == b"content"
    await owner.close()
    assert_links(rows)
    assert len(rows) == len(old) + await _others(restored_url)


def _acts(said: RecordingPublisher) -> list[AuditRecorded]:
    return [message for message in said.messages if isinstance(message, AuditRecorded)]


async def _roles_in(owner: Connection) -> set[str]:
    return {row["rolname"] for row in await owner.fetch("SELECT rolname FROM pg_roles")}


async def _others(url: str) -> int:
    owner = await asyncpg.connect(url)
    count = await owner.fetchval("SELECT count(*) FROM moe.journal WHERE tenant = 'acme' AND topic = 'moe.requests'")
    await owner.close()
    return int(count)


def _record(fields: dict[str, object]) -> Record:
    headers = fields.pop("headers")
    key, value = fields.pop("key"), fields.pop("value")
    assert isinstance(headers, list)
    assert isinstance(value, str)
    pairs = tuple((name, b64decode(content)) for name, content in headers)
    content = b64decode(key) if isinstance(key, str) else None
    return Record(**fields, key=content, headers=pairs, value=value.encode())  # type: ignore[arg-type]  # of a fixture
