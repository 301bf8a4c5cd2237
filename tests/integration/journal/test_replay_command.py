"""`moe replay` and `moe migrate` as an operator runs them, on a journal that the service has filled."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core.ids import new_response_id
from libs.core.key_roots import ROOTS
from libs.testing.databases import empty_database
from libs.testing.keys import ANOTHER_KEY, every_root
from moe.registry import build_service
from tests.support.command_line import moe_here, moe_process

pytestmark = pytest.mark.embedded
RESPONSE_ID = new_response_id(3, 1_700_000_000)
OPENING = Origin(RESPONSE_ID, "acme", deadline_at=1_700_000_060.0, trace="00-t-01")
ASKED = QuestionAsked(question=Question(text="How many?")).opening(OPENING)
FINISHED = AnswerFinished(outcome="answered", text="Six.").after(ASKED)


@pytest.fixture
async def owner_url(server_url: str) -> str:
    """Superuser's address of a new database without tables."""
    return await empty_database(server_url)


def record(message: Message, offset: int, at_ms: int) -> Record:
    headers = message.envelope.headers("signature")
    return Record(message.topics[0].name, 0, offset, at_ms, RESPONSE_ID.encode(), headers, message.body())


async def kept(url: str, signing_key: str, *records: Record) -> None:
    """Run the service for as long as it takes to store the records."""
    service = build_service("journal", {"POSTGRES_CHECKPOINT_URL": url, **every_root(signing_key)})
    (sink,), (journal, *_), (check, *_) = service.sinks, service.resources, service.checks
    async with journal:
        await asyncio.gather(*(sink.store(each) for each in records))
        assert await check() is None


async def test_one_request_s_history_is_shown_in_order(owner_url: str, signing_key: str, tmp_path: Path) -> None:
    broken = Record("moe.pipeline.progress.v1", 1, 5, 1_050, RESPONSE_ID.encode(), (), b"\xff")
    await kept(owner_url, signing_key, record(FINISHED, 2, 1_100), broken, record(ASKED, 1, 1_000))
    (tmp_path / "endpoints.json").write_text(json.dumps({"postgres": owner_url}))
    for root in ROOTS:
        (tmp_path / root.file).write_text(signing_key)
    here = {"MOE_DATA_DIR": str(tmp_path)}
    shown = moe_process(here, "replay", "--response-id", RESPONSE_ID, "--show")
    assert shown.returncode == 0, shown.stderr
    _, asked, between, finished, totals = shown.stdout.splitlines()
    assert asked.startswith("  0     0.000 s  question-asked.v1")
    assert "0.050 s" in between
    assert between.endswith("no schema, 1 bytes")
    assert finished.endswith('answered: "Six."')
    assert totals.startswith("0 model calls")
    as_json = moe_here(here, "replay", "--response-id", RESPONSE_ID, "--show", "--json")
    assert [json.loads(line)["after_ms"] for line in as_json.stdout.splitlines()] == [0, 50, 100]


async def test_an_unknown_response_is_said_to_be_unknown(owner_url: str, signing_key: str) -> None:
    await kept(owner_url, signing_key, record(ASKED, 1, 1_000))
    variables = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(signing_key)}
    shown = moe_here(variables, "replay", "--response-id", "chatcmpl-unknown", "--show")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == "Error: the journal has no response 'chatcmpl-unknown'\n"


def test_a_database_without_a_journal_is_said_to_have_none(owner_url: str, signing_key: str) -> None:
    variables = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(signing_key)}
    shown = moe_here(variables, "replay", "--response-id", "x", "--show")
    assert shown.returncode == 2
    assert shown.stderr == "Error: POSTGRES_CHECKPOINT_URL: this database holds no journal\n"


def test_replay_must_be_told_what_to_do(owner_url: str) -> None:
    shown = moe_here({"POSTGRES_CHECKPOINT_URL": owner_url}, "replay", "--response-id", "x")
    assert shown.returncode == 2
    assert "--show" in shown.stderr


def test_migrate_applies_what_is_pending_and_then_nothing(owner_url: str, signing_key: str) -> None:
    variables = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(signing_key)}
    first = moe_process(variables, "migrate", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["applied"][0] == "0001_roles.sql"
    assert moe_here(variables, "migrate").stdout == "nothing to do\n"


def test_migrate_replaces_working_passwords_only_when_it_is_told_to(owner_url: str, signing_key: str) -> None:
    right = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(signing_key)}
    wrong = right | {**every_root(ANOTHER_KEY)}
    assert moe_here(right, "migrate").returncode == 0
    told = moe_process(wrong, "keys", "list").stderr
    assert told.startswith("Error: MOE_DATABASE_KEY: this is not the key that the database was set up with")
    refused = moe_here(wrong, "migrate")
    assert (refused.returncode, refused.stderr) == (2, told)
    assert moe_here(right, "keys", "list").returncode == 0
    assert moe_here(wrong, "migrate", "--replace-passwords").stdout.startswith("replaced the passwords")
    assert moe_here(wrong, "keys", "list").returncode == 0
    assert moe_here(right, "keys", "list").returncode == 2
    assert json.loads(moe_here(right, "migrate", "--replace-passwords", "--json").stdout)["passwords"] == "replaced"


async def test_a_role_that_was_never_let_in_is_not_blamed_on_the_key(owner_url: str, signing_key: str) -> None:
    given = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(signing_key)}
    assert moe_here(given, "migrate").returncode == 0
    owner = await asyncpg.connect(owner_url)
    await owner.execute("ALTER ROLE moe_directory_admin NOLOGIN")
    told = moe_here(given, "keys", "list").stderr
    await owner.execute("ALTER ROLE moe_directory_admin LOGIN")
    await owner.close()
    assert "the role moe_directory_admin cannot log in yet; run `moe migrate` as the owner" in told
