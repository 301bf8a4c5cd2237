"""`moe migrate`: the database's tables and the journal's roles."""

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from libs.adapters.journal_pool import Migrated

_DONE = {"none": "made", "ours": "kept", "another key's": "replaced"}


@click.command()
@click.option("--replace-passwords", is_flag=True, help="Let this MOE_SIGNING_KEY take the place of another one.")
@click.option("--json", "as_json", is_flag=True, help="What was done as a JSON object.")
def migrate(*, replace_passwords: bool, as_json: bool) -> None:
    """Bring the database to the shape that this version needs; may be repeated.

    POSTGRES_CHECKPOINT_URL must be the address of an owner. Also lets the journal's roles log in, with passwords
    derived from MOE_SIGNING_KEY; those of another key are replaced when that is asked for alone, because processes
    with that key are shut out then. The journal does all this by itself when it is given an owner's address; run it
    here when it is given the address of a role that may only insert and select.
    """
    from libs.adapters.journal_pool import migrated
    from services.cli.endpoints import journal_secrets, postgres_url

    done = asyncio.run(migrated(postgres_url(), journal_secrets().signing_key, replace_passwords=replace_passwords))
    if as_json:
        click.echo(json.dumps({"applied": done.applied, "passwords": _DONE[done.passwords]}))
    else:
        click.echo("\n".join(_lines(done)) or "nothing to do")


def _lines(done: "Migrated") -> Iterator[str]:
    yield from (f"applied {name}" for name in done.applied)
    if done.passwords == "none":
        yield "made the passwords of the database's roles from MOE_SIGNING_KEY"
    if done.passwords == "another key's":
        yield "replaced the passwords of the database's roles: whatever runs with another MOE_SIGNING_KEY is shut out"
