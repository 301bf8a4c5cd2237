"""`moe budget` and `moe usage`, as an operator types them."""

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.contracts.account import Account
from libs.testing.keys import every_root
from moe.cli.root import moe
from tests.support.quota.ended_requests import ended


class Shell:
    """`moe`, with the database address."""

    def __init__(self, url: str, signing_key: str) -> None:
        self._told = {"POSTGRES_CHECKPOINT_URL": url, **every_root(signing_key)}

    def ran(self, *arguments: str) -> Result:
        place = () if arguments[0] == "tenants" or "--tenant" in arguments else ("--tenant", "acme")
        return CliRunner().invoke(moe, [*arguments, *place], env=self._told)

    def says(self, *arguments: str) -> list[str]:
        result = self.ran(*arguments)
        assert result.exit_code == 0, result.stderr
        return result.stdout.splitlines()


@pytest.fixture
def shell(owner_url: str, signing_key: str) -> Shell:
    shell = Shell(owner_url, signing_key)
    shell.says("tenants", "create", "acme")
    return shell


def test_a_budget_is_set_and_shown(shell: Shell) -> None:
    shell.says("users", "create", "bob")
    told = [json.loads(line) for line in shell.says("budget", "set", "--user", "bob", "--daily", "500k", "--json")]
    assert [(line["period"], line["amount"], line["spent"]) for line in told] == [("daily", 500_000, 0)]
    assert told[0]["holder"].startswith("usr-")
    assert shell.says("budget", "set", "--user", "bob", "--total", "20M") == [
        "user bob  daily  0 of 500000 spent, 0 set aside",
        "user bob  total  0 of 20000000 spent, 0 set aside",
    ]


def test_a_budget_is_lifted(shell: Shell) -> None:
    shell.says("teams", "create", "ops")
    shell.says("budget", "set", "--team", "ops", "--daily", "0", "--monthly", "7")
    assert len(shell.says("budget", "show", "--team", "ops")) == 2
    shell.says("budget", "set", "--team", "ops", "--daily", "none")
    assert [json.loads(line)["period"] for line in shell.says("budget", "list", "--json")] == ["monthly"]


def test_the_owner_of_the_first_key_has_a_budget_too(shell: Shell) -> None:
    assert shell.says("budget", "set", "--user", "acme", "--total", "9") == [
        "user acme  total  0 of 9 spent, 0 set aside"
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--user", "nobody", "--daily", "5"),
        ("--user", "acme"),
        ("--daily", "5"),
        ("--user", "acme", "--team", "ops", "--daily", "5"),
        ("--user", "acme", "--daily", "-5"),
        ("--user", "acme", "--daily", "lots"),
    ],
)
def test_what_makes_no_budget_is_refused_in_a_line(shell: Shell, arguments: tuple[str, ...]) -> None:
    result = shell.ran("budget", "set", *arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output


def test_a_model_is_given_a_price(shell: Shell) -> None:
    shell.says("budget", "price", "moe-report", "2.5")
    assert shell.says("budget", "prices") == ["moe-report  2.5"]


@pytest.mark.parametrize("factor", ["nan", "NaN", "inf", "1e6"])
def test_what_is_no_price_is_refused(shell: Shell, factor: str) -> None:
    result = shell.ran("budget", "price", "moe-report", factor)
    assert result.exit_code == 2
    assert shell.says("budget", "prices") == []


async def test_usage_is_summed_by_whatever_is_asked_for(shell: Shell, owner_url: str, signing_key: str) -> None:
    async with PostgresUsageStore(owner_url, signing_key) as books:
        for user, tokens in (("ann", 100), ("ann", 60), ("bob", 40)):
            await books.record_usage(ended(tokens, Account(key_id=f"key-of-{user}", user=user, team="ops")))
    by_user = await asyncio.to_thread(shell.says, "usage")
    assert by_user == ["ann  2 requests  40 + 120 tokens  cost 160", "bob  1 requests  10 + 30 tokens  cost 40"]
    for by, names in (("team", ["ops"]), ("key", ["key-of-ann", "key-of-bob"]), ("model", ["moe"])):
        lines = await asyncio.to_thread(shell.says, "usage", "--by", by, "--json")
        assert [json.loads(line)["name"] for line in lines] == names
    (day,) = await asyncio.to_thread(shell.says, "usage", "--by", "day", "--json")
    assert json.loads(day)["cost"] == 200


@pytest.mark.parametrize(
    "arguments", [("usage",), ("budget", "list"), ("budget", "prices"), ("budget", "price", "moe", "2")]
)
def test_a_tenant_that_nobody_knows_is_refused(shell: Shell, arguments: tuple[str, ...]) -> None:
    result = shell.ran(*arguments, "--tenant", "nowhere")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no tenant 'nowhere'\n")
