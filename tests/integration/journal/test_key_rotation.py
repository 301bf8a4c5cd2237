"""Data that stays readable after a rotation, on a real database: old content, erasures, holds and passwords."""

import json
from pathlib import Path

import asyncpg
import pytest

from libs.adapters.journal.cipher import UnreadableContent
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.postgres.login import logged_in
from libs.core.database_roles import READER_ROLE
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys
from libs.core.subjects import pseudonym
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.runtime.settings.role_passwords import RolePasswords
from libs.testing.keys import ANOTHER_KEY
from moe.cli.context.operators import attributed
from tests.support.command_line import moe_here, moe_process
from tests.support.journal.commands import OPENINGS, keep, request_of

pytestmark = pytest.mark.embedded
_AS_BEFORE = "UPDATE moe.subject_keys SET wrapped = substring(wrapped FROM 5)"  # before they named their root


async def old_installation(url: str, key: str) -> None:
    """Store the data of an installation with only this key."""
    records = request_of("ada", "ada's words", key, 0) + request_of("bob", "bob's words", key, 50)
    await keep(url, key, records)
    owner = await asyncpg.connect(url)
    assert await owner.execute(_AS_BEFORE) != "UPDATE 0"
    await owner.close()


def after_migration(url: str, key: str) -> dict[str, str]:
    """Variables that `moe secrets migrate` prints for it, and let `moe migrate` work with them."""
    printed = moe_process({"MOE_SIGNING_KEY": key}, "secrets", "migrate")
    assert printed.returncode == 0, printed.stderr
    given = dict(line.split("=", 1) for line in printed.stdout.splitlines()) | {"POSTGRES_CHECKPOINT_URL": url}
    done = moe_here(given, "migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["keys_rewrapped"] > 0
    return given


async def words_of(url: str, given: dict[str, str], user: str) -> set[str]:
    secrets = JournalSecrets(given["MOE_DATABASE_KEY"], RootKeys(given["MOE_JOURNAL_KEY"]))  # no previous one
    rows = await PostgresJournalReader(url, secrets).history(OPENINGS[user].response_id, "acme")
    return {word for row in rows for word in (f"{user}'s words",) if word.encode() in (row.entry.payload or b"")}


async def test_an_installation_with_one_key_is_read_erased_and_replayed_with_its_new_roots(
    owner_url: str, signing_key: str, tmp_path: Path
) -> None:
    await old_installation(owner_url, signing_key)
    given = after_migration(owner_url, signing_key) | {"MOE_DATA_DIR": str(tmp_path)}
    assert await words_of(owner_url, given, "ada") == {"ada's words"}
    shown = moe_here(given, "replay", "--response-id", OPENINGS["ada"].response_id, "--show")
    assert (shown.returncode, "rejected" in shown.stdout + shown.stderr) == (0, False), shown.stdout + shown.stderr
    held = moe_here(given, "hold", "place", "--tenant", "acme", "--user", "ada", "--reason", "lawsuit")
    assert pseudonym(signing_key, "acme", "ada") in held.stdout
    refused = moe_here(given, "erase", "--tenant", "acme", "--user", "ada")
    assert "under legal hold" in refused.stderr
    erased = moe_here(given, "erase", "--tenant", "acme", "--user", "bob")
    assert erased.returncode == 0, erased.stderr
    assert await words_of(owner_url, given, "bob") == set()
    assert await words_of(owner_url, given, "ada") == {"ada's words"}


async def test_the_old_key_opens_nothing_after_the_migration(owner_url: str, signing_key: str) -> None:
    await old_installation(owner_url, signing_key)
    given = after_migration(owner_url, signing_key)
    with pytest.raises(ConfigurationError, match="MOE_DATABASE_KEY: this is not the key"):
        async with logged_in(owner_url, signing_key, READER_ROLE):
            pass
    old = JournalSecrets(given["MOE_DATABASE_KEY"], RootKeys(signing_key))
    with pytest.raises(UnreadableContent):
        await PostgresJournalReader(owner_url, old).history(OPENINGS["ada"].response_id, "acme")


async def test_both_passwords_of_a_role_are_tried_during_a_rotation(owner_url: str, signing_key: str) -> None:
    await old_installation(owner_url, signing_key)
    for keys in (RootKeys(signing_key, (), ANOTHER_KEY), RootKeys(ANOTHER_KEY, (signing_key,))):
        async with logged_in(owner_url, RolePasswords.derived(keys), READER_ROLE) as session:
            assert await session.fetchval("SELECT session_user::text") == READER_ROLE


async def test_a_rotation_is_audited_without_a_key(owner_url: str, signing_key: str, tmp_path: Path) -> None:
    await old_installation(owner_url, signing_key)
    given = after_migration(owner_url, signing_key) | {"MOE_DATA_DIR": str(tmp_path)}
    done = moe_here(given, "secrets", "rotate", "pseudonyms", "--operator", "olga", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stderr)
    assert (told["audited"], told["root"]) == (True, "pseudonyms")
    owner = await asyncpg.connect(owner_url)
    acts = await owner.fetch(
        "SELECT action, actor, target, detail FROM moe.audit_outbox WHERE actor = $1", attributed("olga")
    )
    await owner.close()
    assert ("key-rotated", attributed("olga"), "pseudonyms") in {tuple(act)[:3] for act in acts}
    keys = [value for name, value in given.items() if name.endswith("_KEY")] + [done.stdout.split("=", 1)[1].strip()]
    assert not [key for key in keys if any(key in act["detail"] for act in acts)]
