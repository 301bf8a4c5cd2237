"""`moe dlq`: list, replay and drop dead letters."""

import asyncio
from typing import TYPE_CHECKING

import click

from moe.cli.dlq.options import filters, letter_and_act, letter_options, view

if TYPE_CHECKING:
    from libs.operations.dead_letters.settling import Act


@click.group()
def dlq() -> None:
    """Dead letters: look at records that could not be handled, put them back, or drop them.

    Reads the journal (POSTGRES_CHECKPOINT_URL) and writes to the broker (KAFKA_URL); where they are not set, those of
    the fleet that runs on MOE_DATA_DIR.
    """


@dlq.command("list")
@filters
@view
@click.pass_context
def list_(context: click.Context) -> None:
    """List letters, the oldest first. What their records contain is not shown."""
    from moe.cli.dlq.stores import find
    from moe.cli.dlq.text import as_json, as_lines

    ask = letter_options(context)
    cases = asyncio.run(find(ask))
    for line in map(as_json, cases) if ask.as_json else as_lines(cases):
        click.echo(line)
    if not cases and not ask.as_json:
        click.echo("no dead letters")


@dlq.command()
@click.argument("letter")
def show(letter: str) -> None:
    """Show one LETTER whole, as JSON: record, headers and traceback. Its body may hold a user's question."""
    from moe.cli.dlq.stores import find_one
    from moe.cli.dlq.text import whole

    click.echo(whole(asyncio.run(find_one(letter))))


@dlq.command()
@filters
@letter_and_act
@click.option("--force", is_flag=True, help="Replay even if the failing code version is still installed.")
@click.pass_context
def replay(context: click.Context, *, force: bool) -> None:
    """Put the records of letters back on their topics, for a first attempt. Give a LETTER, or filters and --all.

    A letter is replayed once: again says that it was. A request that has its end keeps it, whatever is replayed; work
    that was never done (a fact of an open request, a record for a sink) is done now. Exit code 1 if something was not.
    """
    _settle(context, lambda resolver, case: resolver.replay(case), force=force)


@dlq.command()
@filters
@letter_and_act
@click.pass_context
def drop(context: click.Context) -> None:
    """Say that letters need no more work; they stay in the journal. Give a LETTER, or filters and --all."""
    _settle(context, lambda resolver, case: resolver.drop(case), force=False)


def _settle(context: click.Context, act: "Act", *, force: bool) -> None:
    from libs.operations.dead_letters.resolver import refused
    from moe.cli.dlq.stores import settle
    from moe.cli.dlq.text import result_line

    ask = letter_options(context)
    if bool(ask.wanted.letter) == ask.every:
        raise click.UsageError("name one letter, or use --all")
    results = asyncio.run(settle(ask, act, force=force))
    for result in results:
        click.echo(result_line(result, for_programs=ask.as_json))
    if not results and not ask.as_json:
        click.echo("no dead letters")
    if refused(results):
        raise SystemExit(1)
