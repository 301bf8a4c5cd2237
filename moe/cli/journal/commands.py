"""`moe journal`: periodic maintenance of the journal."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from moe.cli.context.operators import by_operator
from moe.cli.context.tenancy import require_tenant

if TYPE_CHECKING:
    from libs.ports.custody import PruningResult


@click.group()
def journal() -> None:
    """Look after the journal."""


@journal.command()
@click.option("--tenant", default="", help="One tenant; default: all that have sealed rows.")
@click.option("--dry-run", is_flag=True, help="Count only; change nothing.")
@by_operator
@click.option("--json", "as_json", is_flag=True, help="One JSON object per tenant.")
def prune(tenant: str, operator: str, *, dry_run: bool, as_json: bool) -> None:
    """Take away content whose time is over (MOE_RETENTION_DAYS, MOE_RETENTION_BY_TENANT); run it daily.

    Headers, commitments and the chain stay, so the chain still verifies. Nothing under a legal hold is touched. What
    was done is audited.
    """
    asyncio.run(_prune(tenant, operator, dry_run=dry_run, as_json=as_json))


async def _prune(tenant: str, operator: str, *, dry_run: bool, as_json: bool) -> None:
    async for pruned in _pruned(tenant, operator, dry_run=dry_run):
        if as_json:
            click.echo(json.dumps(asdict(pruned) | {"dry_run": dry_run}))
        else:
            did = "held" if pruned.held else f"{pruned.rows} rows{' to empty' if dry_run else ' emptied'}"
            click.echo(f"{pruned.tenant}: {did}")


async def _pruned(tenant: str, operator: str, *, dry_run: bool) -> "AsyncIterator[PruningResult]":
    from libs.adapters.journal.pruning import Pruner, known_tenants
    from moe.cli.context.endpoints import database_passwords, postgres_url
    from services.journal.settings import Settings

    if tenant:
        await require_tenant(tenant)
    url, key, retention = postgres_url(), database_passwords(), Settings.read().retention
    pruner = Pruner(url, key, operator)
    for name in (tenant,) if tenant else await known_tenants(url, key):
        yield await pruner.prune(name, retention.days_of(name), dry_run=dry_run)
