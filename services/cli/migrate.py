"""`moe migrate`: the database's tables and the journal's roles."""

import asyncio
import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The names of the applied migrations as a JSON object.")
def migrate(*, as_json: bool) -> None:
    """Bring the database to the shape that this version needs; may be repeated.

    POSTGRES_CHECKPOINT_URL must be the address of an owner. Also lets the journal's roles log in, with passwords
    derived from MOE_SIGNING_KEY. The journal does all this by itself when it is given an owner's address; run it here
    when it is given the address of a role that may only insert and select.
    """
    from libs.adapters.journal_pool import migrated
    from services.cli.endpoints import journal_secrets, postgres_url

    applied = asyncio.run(migrated(postgres_url(), journal_secrets().signing_key))
    if as_json:
        click.echo(json.dumps({"applied": applied}))
    else:
        click.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")
