"""`moe hold`: legal holds, which block erasure and expiry for a person or a tenant."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from moe.cli.context.operators import by_operator
from moe.cli.context.tenancy import require_tenant
from moe.cli.journal.subjects import of_subject, subjects_named

if TYPE_CHECKING:
    from libs.adapters.journal.holds import PostgresHolds
    from libs.ports.custody import Hold


@click.group()
def hold() -> None:
    """Place, release and list legal holds. All three are for one tenant; placing and releasing are audited.

    Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or, when they are not set, those of the fleet on MOE_DATA_DIR.
    """


@hold.command()
@click.option("--tenant", required=True)
@of_subject
@click.option("--reason", required=True, help="Kept with the hold; name no person.")
@by_operator
@click.option("--json", "as_json", is_flag=True)
def place(tenant: str, subject: str, reason: str, operator: str, *, as_json: bool) -> None:
    """Hold one person or, without one, the whole tenant.

    Prints the hold, one for each pseudonym that a user has had.
    """
    for name in subjects_named(tenant, subject) or ("",):
        _print(asyncio.run(_holds(tenant).place(name, reason, operator)), as_json=as_json)


@hold.command()
@click.argument("hold_id")
@click.option("--tenant", required=True)
@click.option("--reason", required=True)
@by_operator
def release(hold_id: str, tenant: str, reason: str, operator: str) -> None:
    """End the hold HOLD_ID."""
    asyncio.run(_holds(tenant).release(hold_id, reason, operator))
    click.echo(f"released {hold_id}")


@hold.command("list")
@click.option("--tenant", required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per hold.")
def list_holds(tenant: str, *, as_json: bool) -> None:
    """Print the holds that are open, the oldest first."""
    for each in asyncio.run(_holds(tenant).open()):
        _print(each, as_json=as_json)


def _holds(tenant: str) -> "PostgresHolds":
    from libs.adapters.journal.holds import PostgresHolds
    from moe.cli.context.endpoints import database_passwords, postgres_url

    asyncio.run(require_tenant(tenant))
    return PostgresHolds(postgres_url(), database_passwords(), tenant)


def _print(held: "Hold", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(held)))
    else:
        whom = held.subject or "the whole tenant"
        click.echo(f"{held.hold_id}  {held.tenant}  {whom}  by {held.placed_by}: {held.reason}")
