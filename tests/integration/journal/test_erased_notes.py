"""An erasure reaches what gateways have noted in Valkey: it is deleted, and copies of it cannot be read any more."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from libs.adapters.journal.data_subject_keys import WAIT_S, DataSubjectKeys
from libs.adapters.journal.erasure import ErasureRequest, erase
from libs.adapters.journal.pool import migrated
from libs.adapters.valkey.deltas.wire import stream_key
from libs.adapters.valkey.held_keys import INDEX
from libs.adapters.valkey.key_value_store import ValkeyKeyValues
from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.core.key_roots import RootKeys
from libs.core.subjects import joined, pseudonym
from libs.ports.key_values import DataSubject, KeyValueStoreUnavailable
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.fake_clock import FakeClock
from libs.testing.ports import own_port
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from services.gateway.key_values.personal import EncryptedValues
from tests.support.command_line import moe_here
from tests.support.journal.commands import OPENINGS, keep, request_of, variables

pytestmark = pytest.mark.embedded
WORDS = b"what somebody said"


@dataclass(frozen=True)
class Store:
    """Valkey and Postgres, as gateways and operators reach them."""

    valkey_url: str
    owner_url: str
    secrets: JournalSecrets

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[EncryptedValues]:
        """Yield the notes of a gateway that remembers no keys yet."""
        seals = TenantEncryption(self.secrets.keys.current)
        async with ValkeyKeyValues(self.valkey_url) as notes, DataSubjectKeys(self.owner_url, self.secrets) as keys:
            yield EncryptedValues(notes, SubjectEncryption(seals, keys))

    def person(self, user: str, said_at: float | None = None) -> DataSubject:
        subject = pseudonym(self.secrets.keys.current, "acme", user)
        return DataSubject("acme", subject, time.time() if said_at is None else said_at)

    async def erase(self, user: str) -> None:
        """Erase a user in the journal only, as an operator without a configured Valkey would."""
        subject = self.person(user).subject
        await erase(
            self.owner_url, self.secrets.keys.current, ErasureRequest("acme", (subject,), "tests"), dry_run=False
        )


@pytest_asyncio.fixture
async def store(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[Store]:
    await migrated(owner_url, secrets.keys.current)
    async with valkey() as url:
        yield Store(url, owner_url, secrets)


async def noted(notes: EncryptedValues, person: DataSubject, what: bytes) -> str:
    name = notes.name("acme", "answer", what)
    await notes.put(person, name, WORDS, 60)
    return name


async def test_what_was_noted_is_read_by_any_gateway_and_by_nobody_else(store: Store) -> None:
    async with store.gateway() as one, store.gateway() as other:
        name = await noted(one, store.person("ada"), b"1")
        assert await other.get("acme", name) == WORDS
        assert await other.get("zeta", name) is None
        assert WORDS not in (await one.store.get(name) or b"")


async def test_an_erased_person_s_notes_and_streams_are_gone_and_the_report_counts_them(store: Store) -> None:
    given = variables(store.owner_url, store.secrets.keys.current) | {"REDIS_URL": store.valkey_url}
    await keep(store.owner_url, store.secrets.keys.current, request_of("ada", "Why?", store.secrets.keys.current, 0))
    async with store.gateway() as notes, Redis.from_url(store.valkey_url) as client:
        await client.xadd(stream_key(OPENINGS["ada"].response_id), {"text": WORDS})
        hers = [await noted(notes, store.person("ada"), bytes([number])) for number in range(5)]
        await notes.store.put_if_absent("moe:repeat:1", b"a claim", 60, under=notes.lists_of(store.person("ada")))
        his = await noted(notes, store.person("bob"), b"his")
        erased = moe_here(given, "erase", "--tenant", "acme", "--user", "ada", "--json")
        report = json.loads(erased.stdout)
        assert (report["streams"], report["notes"], report["valkey_trouble"]) == (1, 6, ""), erased.stderr
        assert [await notes.store.get(name) for name in (*hers, "moe:repeat:1")] == [None] * 6
        his_list = notes.lists_of(store.person("bob"))[0].encode()
        assert set(await client.keys("*")) == {his.encode(), his_list, INDEX.encode()}
        assert await client.zrange(INDEX, 0, -1) == [his_list]
        assert await notes.get("acme", his) == WORDS


async def test_a_note_of_many_persons_is_read_until_one_of_them_is_erased(store: Store) -> None:
    ada = store.person("ada")
    subject = joined([ada.subject, *(f"{number:032x}" for number in range(11))])
    async with store.gateway() as notes:
        name = await noted(notes, replace(ada, subject=subject), b"1")
        assert await notes.get("acme", name) == WORDS
        await store.erase("ada")
        assert await notes.get("acme", name) is None


async def test_a_copy_that_was_made_before_cannot_be_read_afterwards(store: Store) -> None:
    async with store.gateway() as notes:
        name = await noted(notes, store.person("ada"), b"1")
        snapshot = await notes.store.get(name)
    assert snapshot is not None
    async with store.gateway() as before:
        assert await before.encryption.decrypt("acme", name, snapshot) == WORDS
    await store.erase("ada")
    async with store.gateway() as after:
        assert await after.encryption.decrypt("acme", name, snapshot) is None
        await noted(after, store.person("ada", time.time() + 120), b"2")  # she returns, and has a new key
        assert await after.encryption.decrypt("acme", name, snapshot) is None


async def test_what_was_said_before_and_is_noted_late_cannot_be_read(store: Store) -> None:
    async with store.gateway() as remembers:
        said_before = store.person("ada")
        await noted(remembers, said_before, b"1")
        await store.erase("ada")
        late = await noted(remembers, said_before, b"2")
        async with store.gateway() as fresh:
            assert await fresh.get("acme", late) is None
            nothing = await noted(fresh, said_before, b"3")
            assert await fresh.store.get(nothing) is None


async def test_without_valkey_the_journal_is_erased_and_the_rest_can_be_done_later(store: Store) -> None:
    key = store.secrets.keys.current
    given = variables(store.owner_url, key) | {"REDIS_URL": f"redis://127.0.0.1:{own_port()}"}
    await keep(store.owner_url, key, request_of("ada", "Why?", key, 0))
    async with store.gateway() as notes:
        name = await noted(notes, store.person("ada"), b"1")
        erased = moe_here(given, "erase", "--tenant", "acme", "--user", "ada")
        assert erased.returncode == 1
        assert "erased 4 rows" in erased.stdout
        assert "NOT erased in Valkey, run this again: REDIS_URL: " in erased.stdout
        assert await notes.store.get(name) is not None
        again = moe_here(given | {"REDIS_URL": store.valkey_url}, "erase", "--tenant", "acme", "--user", "ada")
        assert (again.returncode, again.stderr) == (0, "")
        assert "0 streams and 1 notes deleted in Valkey" in again.stdout
        assert await notes.store.get(name) is None


async def test_a_gateway_with_another_journal_key_makes_no_keys_and_notes_nothing(store: Store) -> None:
    wrong = replace(store, secrets=replace(store.secrets, keys=RootKeys("the key of another journal")))
    async with store.gateway() as ours:
        await noted(ours, store.person("ada"), b"1")
        for user in ("ada", "bob"):
            async with wrong.gateway() as theirs:
                with pytest.raises(KeyValueStoreUnavailable, match="MOE_JOURNAL_KEY"):
                    await noted(theirs, store.person(user), b"2")
        await noted(ours, store.person("bob"), b"3")


async def test_a_list_forgets_what_has_ended(store: Store) -> None:
    async with store.gateway() as notes, Redis.from_url(store.valkey_url) as client:
        ada = store.person("ada")
        await notes.put(ada, "moe:a", WORDS, 60)
        await client.zadd(notes.lists_of(ada)[0], {"moe:ended": time.time() - 5})
        await notes.put(ada, "moe:b", WORDS, 3600)
        assert await client.zrange(notes.lists_of(ada)[0], 0, -1) == [b"moe:a", b"moe:b"]
        ends = await client.zscore(INDEX, notes.lists_of(ada)[0])
        assert ends is not None
        assert 3500 < ends - time.time() <= 3601
        await notes.put(ada, "moe:c", WORDS, 60)
        assert await client.zscore(INDEX, notes.lists_of(ada)[0]) == ends


async def test_a_claim_that_was_made_before_is_told_and_stays(store: Store) -> None:
    async with store.gateway() as notes:
        under = notes.lists_of(store.person("ada"))
        assert await notes.store.put_if_absent("moe:c", b"one", 60, under=under) is None
        assert await notes.store.put_if_absent("moe:c", b"two", 60, under=under) == b"one"
        assert await notes.store.get("moe:c") == b"one"


async def test_while_postgres_is_away_nobody_can_tell_what_is_noted(store: Store) -> None:
    away = replace(store, owner_url=f"postgresql://moe@127.0.0.1:{own_port()}/moe")
    async with store.gateway() as notes:
        name = await noted(notes, store.person("ada"), b"1")
    async with away.gateway() as cut_off:
        for _ in range(20):
            with pytest.raises(KeyValueStoreUnavailable):
                await cut_off.get("acme", name)
            with pytest.raises(KeyValueStoreUnavailable):
                await noted(cut_off, store.person("ada"), b"2")


async def test_a_postgres_that_hangs_is_asked_once_and_then_not_for_a_while(
    secrets: JournalSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.adapters.journal.data_subject_keys.WAIT_S", WAIT_S)
    clock, callers = FakeClock(), list[asyncio.StreamWriter]()
    server = await asyncio.start_server(lambda _, writer: callers.append(writer), "127.0.0.1", 0)
    (port,) = [socket.getsockname()[1] for socket in server.sockets]
    async with server, DataSubjectKeys(f"postgresql://moe@127.0.0.1:{port}/moe", secrets, clock) as keys:
        for _ in range(20):
            with pytest.raises(KeyValueStoreUnavailable):
                await keys.to_write(DataSubject("acme", "ada", clock.now()))
        await eventually(lambda: bool(callers))
        assert len(callers) == 1
        clock.advance(60)
        with pytest.raises(KeyValueStoreUnavailable):
            await keys.to_write(DataSubject("acme", "ada", clock.now()))
        await eventually(lambda: len(callers) == 2)
        for caller in callers:
            caller.close()
