"""The audit names the account that ran a command, whatever name was claimed."""

import getpass

import click
from click.testing import CliRunner

from moe.cli.context.operators import attributed, by_operator

ACCOUNT = getpass.getuser()


@click.command()
@by_operator
def show(operator: str) -> None:
    click.echo(operator)


def test_the_account_stands_alone_where_no_name_is_claimed() -> None:
    assert CliRunner().invoke(show, []).output.strip() == ACCOUNT


def test_a_claimed_name_stands_beside_the_account() -> None:
    assert CliRunner().invoke(show, ["--operator", "ada"]).output.strip() == f"ada (account {ACCOUNT})"


def test_a_claimed_account_does_not_replace_the_real_one() -> None:
    assert attributed("ada (account mallory)") == f"ada (account mallory) (account {ACCOUNT})"


def test_an_attributed_name_is_attributed_once() -> None:
    assert attributed(attributed("ada")) == attributed("ada")
