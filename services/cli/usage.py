"""`moe usage`: what was used, from the books."""

import asyncio
import json
from dataclasses import asdict

import click

from libs.adapters.budgets.treasury import GROUPINGS, Grouping
from services.cli.budget import treasury
from services.cli.directory_desk import as_json_option, at_office


@click.command()
@click.option("--by", type=click.Choice(tuple(GROUPINGS)), default="user", show_default=True)
@click.option("--days", type=click.IntRange(min=1, max=36_500), default=30, show_default=True, help="How far back.")
@at_office
@as_json_option
def usage(by: str, days: int, *, as_json: bool) -> None:
    """Print what a tenant has used: requests, tokens, and their cost; one line a user, team, key, model or day (UTC).

    Each request counts once, those that were cancelled with what they had used by then. Reads POSTGRES_CHECKPOINT_URL
    and MOE_SIGNING_KEY or, when they are not set, those of the fleet on MOE_DATA_DIR.
    """
    for line in asyncio.run(treasury().usage(_grouping(by), days)):
        told = (
            f"{line.name or '-'}  {line.requests} requests  {line.prompt_tokens} + {line.completion_tokens} tokens  "
            f"cost {line.cost}"
        )
        click.echo(json.dumps(asdict(line)) if as_json else told)


def _grouping(by: str) -> Grouping:
    return next(known for known in GROUPINGS if known == by)
