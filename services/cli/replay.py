"""`moe replay`: what happened to one request."""

import asyncio

import click


@click.command()
@click.option("--response-id", required=True, metavar="ID", help="The id of the response, chatcmpl-….")
@click.option("--show", is_flag=True, help="Print the records of the request in order.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per record, with everything that was kept.")
def replay(response_id: str, *, show: bool, as_json: bool) -> None:
    """Show what happened to one request, from the journal.

    Records stand in the order of the broker's time, but never before their cause; at equal times causes come first,
    then topic, partition and offset. The first column is the time since the first record. A record marked with = is
    the same event on the same topic again.

    Reads POSTGRES_CHECKPOINT_URL or, when it is not set, the database of the fleet that runs on MOE_DATA_DIR.
    """
    if not show:
        raise click.UsageError("say what to do with the request: --show")
    from libs.adapters.journal_reader import PostgresJournalReader
    from services.cli.endpoints import journal_secrets, postgres_url
    from services.cli.replay_text import as_json_lines, as_text
    from services.journal.domain.history import told

    rows = told(asyncio.run(PostgresJournalReader(postgres_url(), journal_secrets()).history(response_id)))
    if not rows:
        raise click.ClickException(f"the journal knows no response {response_id!r}")
    for line in as_json_lines(rows) if as_json else as_text(response_id, rows):
        click.echo(line)
