"""`moe tenants|users|teams|keys`, as an operator types them."""

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from libs.core.api_keys import lookup_of
from libs.testing.keys import SIGNING_KEY, every_root
from moe.cli.root import moe
from tests.support.identity.registry import Registry, authenticator, directory, opens


class Shell:
    """`moe`, with the database address."""

    def __init__(self, url: str) -> None:
        self._told = {"POSTGRES_CHECKPOINT_URL": url, **every_root(SIGNING_KEY)}

    def ran(self, *arguments: str) -> Result:
        return CliRunner().invoke(moe, arguments, env=self._told)

    def says(self, *arguments: str) -> str:
        result = self.ran(*arguments)
        assert result.exit_code == 0, result.stderr
        return result.stdout.strip()


@pytest.fixture
def shell(registry: Registry) -> Shell:
    return Shell(registry.url)


async def test_a_key_is_printed_alone_and_opens(shell: Shell, registry: Registry) -> None:
    await asyncio.to_thread(shell.says, "users", "create", "bob", "--grant", "moe_mode", "code")
    wish = ("--expires", "30d", "--rpm", "60", "--tpm", "9000", "--streams", "2", "--profile", "ref-native", "--admin")
    key = await asyncio.to_thread(shell.says, "keys", "create", "bob", *wish)
    async with directory(authenticator(registry.url)) as keys:
        caller = await opens(keys, key)
    assert (caller.admin, caller.profile, caller.limits.requests_per_minute) == (True, "ref-native", 60)
    assert caller.grants.allow("moe_mode", "code")
    assert not caller.grants.allow("moe_mode", "report")


def test_a_list_of_keys_tells_all_but_the_key(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    key = shell.says("keys", "create", "bob", "--name", "laptop", "--expires", "30d")
    line = shell.says("keys", "list", "--json")
    told = json.loads(line)
    assert (told["lookup"], told["user"], told["state"], told["name"]) == (lookup_of(key), "bob", "valid", "laptop")
    assert told["expires_at"] - told["created_at"] == pytest.approx(30 * 86_400, abs=1)
    assert key.split("-")[3] not in line


def test_a_revoked_key_is_listed_as_revoked(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    lookup = str(lookup_of(shell.says("keys", "create", "bob")))
    shell.says("keys", "revoke", lookup)
    assert json.loads(shell.says("keys", "list", "--json"))["state"] == "revoked"


def test_what_a_key_alone_was_granted_is_taken_back_and_the_key_stays(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    lookup = str(lookup_of(shell.says("keys", "create", "bob")))
    shell.says("keys", "grant", lookup, "skill", "sum-up")
    assert "skill:sum-up" in shell.says("keys", "list")
    shell.says("keys", "revoke", lookup, "--grant", "skill", "sum-up")
    listed = shell.says("keys", "list")
    assert "skill:sum-up" not in listed
    assert "valid" in listed


def test_rotating_prints_a_successor(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    old = str(lookup_of(shell.says("keys", "create", "bob")))
    told = json.loads(shell.says("keys", "rotate", old, "--json"))
    assert lookup_of(told["key"]) == told["lookup"] != old
    states = [json.loads(line)["state"] for line in shell.says("keys", "list", "--json").splitlines()]
    assert states == ["revoked", "valid"]


def test_users_are_listed_with_teams_and_grants(shell: Shell) -> None:
    shell.says("teams", "create", "law")
    shell.says("users", "create", "bob", "--team", "law")
    shell.says("users", "grant", "bob", "mcp_tool", "*")
    told = json.loads(shell.says("users", "list", "--json"))
    assert (told["name"], told["teams"]) == ("bob", ["law"])
    assert told["grants"] == [{"kind": "mcp_tool", "resource": "*"}]
    shell.says("users", "revoke", "bob", "mcp_tool", "*")
    assert json.loads(shell.says("users", "list", "--json"))["grants"] == []


def test_teams_are_listed_with_members_and_grants(shell: Shell) -> None:
    shell.says("teams", "create", "law")
    shell.says("users", "create", "bob")
    shell.says("teams", "add", "law", "bob")
    shell.says("teams", "grant", "law", "expert_template", "contracts")
    assert "members=bob  grants=expert_template:contracts" in shell.says("teams", "list")
    shell.says("teams", "remove", "law", "bob")
    shell.says("teams", "revoke", "law", "expert_template", "contracts")
    assert "members" not in shell.says("teams", "list")


def test_tenants_do_not_see_each_other_s_users(shell: Shell) -> None:
    shell.says("tenants", "create", "acme", "--title", "A customer")
    shell.says("users", "create", "bob", "--tenant", "acme")
    assert shell.says("users", "list") == ""
    assert "bob" in shell.says("users", "list", "--tenant", "acme")
    assert shell.says("tenants", "list").splitlines()[0] == "acme  A customer"


def test_a_guest_is_named_by_id_and_let_go_again(shell: Shell) -> None:
    shell.says("tenants", "create", "acme")
    user_id = json.loads(shell.says("users", "create", "bob", "--json"))["user_id"]
    assert user_id in shell.says("tenants", "grant", "acme", user_id)
    assert "any more" in shell.says("tenants", "revoke", "acme", user_id)


def test_a_disabled_user_is_listed_as_such(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    shell.says("users", "disable", "bob")
    assert "disabled" in shell.says("users", "list")
    shell.says("users", "enable", "bob")
    assert "disabled" not in shell.says("users", "list")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("users", "grant", "zoe", "skill", "x"), "tenant default has no user 'zoe'"),
        (("users", "create", "bob", "--tenant", "nowhere"), "there is no tenant 'nowhere'"),
        (("users", "list", "--tenant", "nowhere"), "there is no tenant 'nowhere'"),
        (("keys", "list", "--tenant", "nowhere"), "there is no tenant 'nowhere'"),
        (("profiles", "list", "--tenant", "nowhere"), "there is no tenant 'nowhere'"),
        (("tenants", "grant", "nowhere", "usr-1"), "there is no tenant 'nowhere'"),
        (("tenants", "grant", "default", "usr-1"), "there is no user 'usr-1'"),
        (("users", "create", "bob", "--grant", "moe_mode", ""), "a grant of moe_mode names nothing"),
        (("users", "grant", "zoe", "skill", ""), "tenant default has no user 'zoe'"),
        (("users", "create", "usr-1"), "names that begin with usr- are ids"),
        (("tenants", "create", "Big Name"), "does not fit as tenant"),
        (("tenants", "create", "default"), "tenant 'default' is there already"),
        (("keys", "create", "zoe"), "tenant default has no user 'zoe'"),
        (("keys", "revoke", "0000000000000000"), "tenant default has no key"),
        (("keys", "rotate", "0000000000000000"), "that was not revoked and has not expired"),
        (("keys", "create", "zoe", "--expires", "soon"), "not a time span"),
        (("users", "grant", "zoe", "everything", "x"), "'everything' is not one of"),
    ],
)
def test_a_mistake_is_told_in_words(shell: Shell, arguments: tuple[str, ...], reason: str) -> None:
    result = shell.ran(*arguments)
    assert result.exit_code != 0
    assert reason in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_user_whose_grant_does_not_fit_is_not_there(shell: Shell) -> None:
    assert shell.ran("users", "create", "bob", "--grant", "skill", "sum-up", "--grant", "moe_mode", "").exit_code == 1
    assert shell.says("users", "list") == ""
    assert "grants=skill:sum-up" in shell.says("users", "create", "bob", "--grant", "skill", "sum-up")


def test_of_a_whole_key_the_public_part_is_enough_and_nothing_else_is_printed(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    key = shell.says("keys", "create", "bob")
    assert shell.says("keys", "revoke", key) == f"revoked {lookup_of(key)}"
    mistyped = shell.ran("keys", "rotate", key.replace("moe-sk-", "moe-sk-0"))
    assert mistyped.exit_code == 1
    assert key.split("-")[3] not in mistyped.output


def test_a_profile_that_is_not_there_is_warned_of(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    made = shell.ran("keys", "create", "bob", "--profile", "nosuch")
    assert lookup_of(made.stdout.strip()) is not None
    assert "warning: the tenant has no profile 'nosuch' yet" in made.stderr
    assert shell.ran("keys", "create", "bob").stderr == ""
