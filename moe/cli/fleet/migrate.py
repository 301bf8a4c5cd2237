"""`moe migrate`: the database's tables and the journal's roles."""

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from libs.core.errors import ConfigurationError
from moe.cli.context.operators import by_operator

if TYPE_CHECKING:
    from libs.adapters.journal.pool import Migrated

_DONE = {"none": "made", "current": "kept", "accepted": "kept", "another key's": "replaced"}


@click.command()
@click.option("--replace-passwords", is_flag=True, help="Replace another MOE_DATABASE_KEY by this one.")
@by_operator
@click.option("--json", "as_json", is_flag=True, help="What was done as a JSON object.")
def migrate(operator: str, *, replace_passwords: bool, as_json: bool) -> None:
    """Bring the database to the shape that this version needs; may be repeated.

    POSTGRES_CHECKPOINT_URL must be the address of an owner. Also lets the journal's roles log in, with passwords
    derived from MOE_DATABASE_KEY; those of another key are replaced when that is asked for alone, because processes
    with that key are shut out then. The journal does all this by itself when it is given an owner's address; run it
    here when it is given the address of a role that may only insert and select.
    """
    from libs.adapters.journal.pool import migrated
    from moe.cli.context.endpoints import database_passwords, postgres_url

    done = asyncio.run(migrated(postgres_url(), database_passwords(), replace_passwords=replace_passwords))
    rewrapped = asyncio.run(_rewrapped(operator))
    if as_json:
        told = {"applied": done.applied, "passwords": _DONE[done.passwords], "keys_rewrapped": rewrapped}
        click.echo(json.dumps(told))
    else:
        click.echo("\n".join(_lines(done, rewrapped)) or "nothing to do")


def _lines(done: "Migrated", rewrapped: int) -> Iterator[str]:
    yield from (f"applied {name}" for name in done.applied)
    if done.passwords == "none":
        yield "made the passwords of the database's roles from MOE_DATABASE_KEY"
    if done.passwords == "another key's":
        yield "replaced the passwords of the database's roles: processes with another MOE_DATABASE_KEY lose access"
    if rewrapped:
        yield f"wrapped the keys of {rewrapped} subjects under the new MOE_JOURNAL_KEY"


async def _rewrapped(operator: str) -> int:
    """Wrap the journal's keys anew after a rotation; nothing where this operator has no key of the journal."""
    from libs.adapters.journal.key_rewrapping import rewrap_keys
    from moe.cli.context.endpoints import journal_secrets, postgres_url

    try:
        secrets = journal_secrets()
    except ConfigurationError:
        return 0
    return await rewrap_keys(postgres_url(), secrets, operator) if secrets.keys.before else 0
