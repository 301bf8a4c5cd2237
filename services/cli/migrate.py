"""`moe migrate`: the database's tables and the journal's role."""

import asyncio
import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The names of the applied migrations as a JSON object.")
def migrate(*, as_json: bool) -> None:
    """Bring the database to the shape that this version needs; may be repeated.

    POSTGRES_CHECKPOINT_URL must be the address of an owner. Also lets the role moe_journal log in, with a password
    derived from MOE_SIGNING_KEY. The journal does all this by itself when it is given an owner's address; run it here
    when it is given the address of a role that may only insert and select.
    """
    from libs.adapters.journal_pool import migrated
    from services.cli.endpoints import postgres_url
    from services.journal.settings import Settings

    applied = asyncio.run(migrated(postgres_url(), Settings.read().signing_key.get_secret_value()))
    if as_json:
        click.echo(json.dumps({"applied": applied}))
    else:
        click.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")
