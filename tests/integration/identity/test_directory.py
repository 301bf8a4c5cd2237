"""The directory decides about admission; a change takes effect within five seconds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from libs.adapters.identity.directory_writer import NotInDirectory
from libs.adapters.identity.postgres_directory import DirectoryFreshness, DirectoryUnavailable, PostgresDirectory
from libs.adapters.postgres.refresher import OpenSession
from libs.adapters.postgres.sessions import Connection, PostgresUnavailable
from libs.core.api_keys import lookup_of
from libs.ports.directory import Grant, Holder, NewKey
from libs.ports.identity import KeyLimits
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.waiting import eventually
from tests.support.identity.registry import (
    BOOTSTRAP,
    QUICK,
    MovableClock,
    Registry,
    authenticator,
    directory,
    opens,
    silence,
)

PROMISED_S = 5.0


async def test_a_new_key_opens_as_its_owner(registry: Registry) -> None:
    user = await registry.people.create_user("bob")
    wish = NewKey("bob", limits=KeyLimits(60, 1000, 2), profile="ref-native", admin=True)
    async with directory(authenticator(registry.url)) as keys:
        key = await registry.keys.create(wish)
        caller = await opens(keys, key)
    assert (caller.tenant, caller.user, caller.admin, caller.profile) == ("default", user.user_id, True, "ref-native")
    assert caller.limits == KeyLimits(60, 1000, 2)
    assert caller.key_id in key


async def test_a_new_user_may_use_nothing_but_their_tenant_s_graph(registry: Registry) -> None:
    await registry.people.create_user("bob")
    async with directory(authenticator(registry.url)) as keys:
        caller = await opens(keys, await registry.keys.create(NewKey("bob")))
    assert caller.grants.granted == {("graph_tenant", "default")}


async def test_a_grant_and_its_end_reach_the_authenticator(registry: Registry) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        await registry.grant_user("bob", "moe_mode", "code")
        await eventually(lambda: _allows(keys, key, "moe_mode", "code"))
        await registry.withdraw_from_user("bob", "moe_mode", "code")
        await eventually(lambda: not _allows(keys, key, "moe_mode", "code"))


async def test_a_team_gives_its_grants_and_its_graph_to_its_members(registry: Registry) -> None:
    await registry.people.create_team("law")
    await registry.people.create_user("bob")
    await registry.grant_team("law", "expert_template", "contracts")
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        await registry.people.join("law", "bob")
        await eventually(lambda: _allows(keys, key, "expert_template", "contracts"))
        assert _allows(keys, key, "graph_tenant", "default/law")
        await registry.people.leave("law", "bob")
        await eventually(lambda: not _allows(keys, key, "graph_tenant", "default/law"))
        assert not _allows(keys, key, "expert_template", "contracts")


async def test_a_grant_to_a_team_reaches_members_who_are_in_memory(registry: Registry) -> None:
    await registry.people.create_team("law")
    await registry.people.create_user("bob", ["law"])
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        await registry.grant_team("law", "skill", "sum-up")
        await eventually(lambda: _allows(keys, key, "skill", "sum-up"))


async def test_a_grant_to_a_key_is_that_key_s_alone(registry: Registry) -> None:
    await registry.people.create_user("bob")
    one, other = await registry.keys.create(NewKey("bob")), await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        lookup = (await opens(keys, one)).key_id
        await registry.permissions.grant(Holder("key", lookup), Grant("feature", "direct"))
        await eventually(lambda: _allows(keys, one, "feature", "direct"))
        assert not _allows(keys, other, "feature", "direct")


async def test_a_guest_reads_the_graph_of_the_host(registry: Registry) -> None:
    guest = await registry.people.create_user("bob")
    host = Registry(registry.url, "acme")
    await host.people.create_tenant()
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        await host.people.invite(guest.user_id)
        await eventually(lambda: _allows(keys, key, "graph_tenant", "acme"))
        await host.people.uninvite(guest.user_id)
        await eventually(lambda: not _allows(keys, key, "graph_tenant", "acme"))


async def test_who_is_in_several_teams_pays_with_the_one_the_key_names(registry: Registry) -> None:
    for team in ("law", "tax"):
        await registry.people.create_team(team)
    await registry.people.create_user("bob", ["law", "tax"])
    teams = {team.name: team.team_id for team in await registry.people.teams()}
    async with directory(authenticator(registry.url)) as keys:
        assert (await opens(keys, await registry.keys.create(NewKey("bob")))).team == teams["law"]
        assert (await opens(keys, await registry.keys.create(NewKey("bob", team="tax")))).team == teams["tax"]


async def test_a_revoked_key_is_refused_at_once_by_every_gateway(registry: Registry) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as one, directory(authenticator(registry.url)) as other:
        lookup = (await opens(one, key)).key_id
        await opens(other, key)
        await registry.keys.revoke(lookup)
        await eventually(lambda: one.authenticate(key) is None and other.authenticate(key) is None)


def test_a_change_whose_notice_was_lost_is_looked_for_in_time() -> None:
    pace = DirectoryFreshness().intervals
    assert pace.look_every_s + pace.look_timeout_s < PROMISED_S


async def test_a_revoked_key_is_refused_when_every_notice_is_lost(registry: Registry, owner_url: str) -> None:
    await silence(owner_url)
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url), DirectoryFreshness()) as keys:
        lookup = (await opens(keys, key)).key_id
        await registry.keys.revoke(lookup)
        await eventually(lambda: keys.authenticate(key) is None)


async def test_a_revoked_key_is_refused_when_the_connection_was_lost_with_it(
    registry: Registry, owner_url: str
) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url), DirectoryFreshness()) as keys:
        lookup = (await opens(keys, key)).key_id
        await _end_sessions(owner_url)
        await registry.keys.revoke(lookup)
        await eventually(lambda: keys.authenticate(key) is None)


async def test_a_key_ends_when_its_time_is_over(registry: Registry) -> None:
    clock = MovableClock()
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob", lifetime_s=3600.0))
    async with directory(authenticator(registry.url), clock=clock) as keys:
        await opens(keys, key)
        clock.now_ahead_s = 3601.0
        assert keys.authenticate(key) is None


async def test_no_key_of_somebody_who_was_disabled_opens(registry: Registry) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        await opens(keys, key)
        await registry.people.set_enabled("bob", allowed=False)
        await eventually(lambda: keys.authenticate(key) is None)
        await registry.people.set_enabled("bob", allowed=True)
        await opens(keys, key)


async def test_who_was_forgotten_has_no_name_and_no_key_and_keeps_the_id(registry: Registry, owner_url: str) -> None:
    user = await registry.people.create_user("Bob Marley")
    key = await registry.keys.create(NewKey("Bob Marley", name="bob's laptop"))
    async with directory(authenticator(registry.url)) as keys:
        await opens(keys, key)
        assert await registry.people.forget("Bob Marley") == user.user_id
        await eventually(lambda: keys.authenticate(key) is None)
        await registry.people.set_enabled(user.user_id, allowed=True)
        assert [told.state for told in await registry.keys.list()] == ["revoked"]
    owner = await asyncpg.connect(owner_url)
    for table in ("users", "api_keys", "audit_outbox", "directory_changes"):
        rows = await owner.fetch(f"SELECT row_to_json(t)::text AS line FROM moe.{table} t")
        assert rows
        assert not any("bob" in row["line"].lower() for row in rows)
    await owner.close()


async def test_a_successor_opens_with_the_same_rights_and_the_old_key_does_not(registry: Registry) -> None:
    await registry.people.create_user("bob")
    old = await registry.keys.create(NewKey("bob", limits=KeyLimits(7, 8, 9), admin=True))
    async with directory(authenticator(registry.url)) as keys:
        before = await opens(keys, old)
        await registry.permissions.grant(Holder("key", before.key_id), Grant("skill", "sum-up"))
        after = await opens(keys, await registry.keys.rotate(before.key_id))
        assert keys.authenticate(old) is None
    assert (after.user, after.limits, after.admin) == (before.user, KeyLimits(7, 8, 9), True)
    assert after.grants.allow("skill", "sum-up")


async def test_an_expired_key_has_no_successor(registry: Registry) -> None:
    await registry.people.create_user("bob")
    lookup = lookup_of(await registry.keys.create(NewKey("bob")))
    assert lookup is not None
    await registry.keys.rotate(lookup, grace_s=1e-6)
    with pytest.raises(NotInDirectory, match="has not expired"):
        await registry.keys.rotate(lookup)
    assert [key.state for key in await registry.keys.list() if key.lookup == lookup] == ["expired"]


async def test_with_a_grace_the_old_key_still_opens(registry: Registry) -> None:
    await registry.people.create_user("bob")
    old = await registry.keys.create(NewKey("bob"))
    async with directory(authenticator(registry.url)) as keys:
        before = await opens(keys, old)
        await opens(keys, await registry.keys.rotate(before.key_id, grace_s=3600))
        assert keys.authenticate(old) is not None


async def test_the_bootstrap_key_opens_though_there_is_no_database(owner_url: str) -> None:
    keys = PostgresDirectory(authenticator(owner_url), _only_bootstrap())
    async with keys.watch:
        caller = keys.authenticate(BOOTSTRAP)
        assert caller is not None
        assert (caller.tenant, caller.admin) == ("default", True)


async def test_nobody_can_tell_whose_key_it_is_before_any_was_read(owner_url: str) -> None:
    keys = PostgresDirectory(authenticator(owner_url), _only_bootstrap())
    async with keys.watch:
        with pytest.raises(DirectoryUnavailable):
            keys.authenticate("a key of another user")
        assert keys.watch.required


async def test_what_is_known_opens_for_a_while_without_the_database_and_no_longer(registry: Registry) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    cable, clock = Cable(authenticator(registry.url)), MovableClock()
    async with directory(
        cable.session, DirectoryFreshness(max_staleness_s=3600.0, intervals=QUICK.intervals), clock
    ) as keys:
        await opens(keys, key)
        cable.cut = True
        await _end_sessions(registry.url)
        await eventually(lambda: bool(keys.authenticate(key)) and keys.watch.trouble is not None)
        clock.monotonic_ahead_s = 3601.0
        assert _is_out_of_reach(keys, key)
        assert keys.authenticate(BOOTSTRAP) is not None
        cable.cut = False
        await eventually(lambda: not _is_out_of_reach(keys, key))


async def test_many_changes_at_once_are_read_whole(registry: Registry, owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    async with directory(authenticator(registry.url)) as keys:
        await owner.execute(
            "WITH added AS (INSERT INTO moe.users (user_id, tenant, name) "
            "SELECT 'usr-' || n, 'default', 'user ' || n FROM generate_series(1, 1500) n RETURNING user_id) "
            "SELECT count(*) FROM added"
        )
        await owner.execute(
            "INSERT INTO moe.api_keys (lookup, sha256, tenant, user_id) "
            "SELECT lpad(n::text, 16, '0'), sha256(n::text::bytea), 'default', 'usr-' || n "
            "FROM generate_series(1, 1500) n"
        )
        await eventually(lambda: keys.keys == 1500)
        await owner.execute("UPDATE moe.api_keys SET revoked_at = now()")
        await eventually(lambda: keys.keys == 0)
    await owner.close()


async def test_a_change_is_read_without_reading_all(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "libs.adapters.identity.postgres_directory")
    await registry.people.create_user("bob")
    async with directory(authenticator(registry.url)) as keys:
        await opens(keys, await registry.keys.create(NewKey("bob")))
    told = [record.getMessage() for record in caplog.records]
    assert sum("of all" in line for line in told) == 1
    assert any("of 1 read again" in line for line in told)


async def test_an_office_reaches_nobody_of_another_tenant(registry: Registry) -> None:
    bob = await registry.people.create_user("bob")
    await registry.people.create_team("law")
    lookup = (await registry.keys.create(NewKey("bob"))).split("-")[2]
    other = Registry(registry.url, "acme")
    await other.people.create_tenant()
    await other.people.create_user("eve")
    for attempt in (
        other.keys.create(NewKey(bob.user_id)),
        other.keys.create(NewKey("eve", team="law")),
        other.keys.revoke(lookup),
        other.keys.rotate(lookup),
        other.grant_user(bob.user_id, "skill", "x"),
        other.permissions.grant(Holder("key", lookup), Grant("skill", "x")),
        other.people.set_enabled(bob.user_id, allowed=False),
        other.people.forget(bob.user_id),
        other.people.join("law", "eve"),
    ):
        with pytest.raises(NotInDirectory):
            await attempt
    assert [told.state for told in await registry.keys.list()] == ["valid"]
    assert await other.keys.list() == ()


async def test_every_act_is_kept_for_the_audit(registry: Registry, owner_url: str) -> None:
    user = await registry.people.create_user("bob")
    lookup = (await registry.keys.create(NewKey("bob"))).split("-")[2]
    await registry.keys.revoke(lookup)
    owner = await asyncpg.connect(owner_url)
    acts = await owner.fetch("SELECT action, actor, target, tenant FROM moe.audit_outbox ORDER BY at_ms")
    await owner.close()
    assert [tuple(act) for act in acts] == [
        ("user-created", "ada", user.user_id, "default"),
        ("key-created", "ada", lookup, "default"),
        ("key-revoked", "ada", lookup, "default"),
    ]


async def test_the_key_itself_is_nowhere_in_the_database(registry: Registry, owner_url: str) -> None:
    await registry.people.create_user("bob")
    secret = (await registry.keys.create(NewKey("bob"))).split("-")[3]
    owner = await asyncpg.connect(owner_url)
    rows = await owner.fetch("SELECT row_to_json(k)::text AS line FROM moe.api_keys k")
    rows += await owner.fetch("SELECT row_to_json(a)::text AS line FROM moe.audit_outbox a")
    await owner.close()
    assert len(rows) == 3
    assert not any(secret in row["line"] for row in rows)


class Cable:
    """A way to the database that can be cut."""

    def __init__(self, open_session: OpenSession) -> None:
        self._open_session = open_session
        self.cut = False

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        if self.cut:
            raise PostgresUnavailable("the cable is cut")
        async with self._open_session() as session:
            yield session


async def _end_sessions(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'moe_authenticator'")
    await owner.close()


def _allows(keys: PostgresDirectory, key: str, kind: str, resource: str) -> bool:
    caller = keys.authenticate(key)
    return caller is not None and caller.grants.allow(kind, resource)  # type: ignore[arg-type]


def _is_out_of_reach(keys: PostgresDirectory, key: str) -> bool:
    try:
        keys.authenticate(key)
    except DirectoryUnavailable:
        return True
    return False


def _only_bootstrap() -> StaticKeys:
    return StaticKeys.of({BOOTSTRAP: owner_of("default")})
