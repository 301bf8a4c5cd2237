"""`moe usage`: recorded usage and cost."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from libs.adapters.quota.budgets.admin import GROUPINGS, Grouping
from moe.cli.directory.budget_options import budget_admin, names
from moe.cli.directory.options import as_json_option, with_tenant

if TYPE_CHECKING:
    from libs.adapters.quota.budgets.admin import UsageLine


@click.command()
@click.option("--by", type=click.Choice(tuple(GROUPINGS)), default="user", show_default=True)
@click.option("--days", type=click.IntRange(min=1, max=36_500), default=30, show_default=True, help="How far back.")
@with_tenant
@as_json_option
def usage(by: str, days: int, *, as_json: bool) -> None:
    """Print what a tenant has used: requests, tokens, and their cost; one line a user, team, key, model or day (UTC).

    Each request counts once, those that were cancelled with what they had used by then. Reads POSTGRES_CHECKPOINT_URL
    and MOE_DATABASE_KEY or, when they are not set, those of the fleet on MOE_DATA_DIR.
    """
    called = {} if as_json else names()
    for line in asyncio.run(budget_admin().usage(_grouping(by), days)):
        click.echo(json.dumps(asdict(line)) if as_json else _line_text(line, called.get(line.name, line.name) or "-"))


def _line_text(line: "UsageLine", name: str) -> str:
    tokens = f"{line.prompt_tokens} + {line.completion_tokens} tokens"
    return f"{name}  {line.requests} requests  {tokens}  cost {line.cost}"


def _grouping(by: str) -> Grouping:
    return next(known for known in GROUPINGS if known == by)
