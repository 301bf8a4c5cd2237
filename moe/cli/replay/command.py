"""`moe replay`: show, verify or re-run a recorded request."""

import click


@click.command()
@click.option(
    "--response-id", metavar="ID", help="Id of the response as shown to its client: chatcmpl-…, resp_…, msg_…."
)
@click.option("--all", "every", is_flag=True, help="With --verify: all requests that have ended.")
@click.option(
    "--since", default="24h", show_default=True, help="With --all: requests since then; 90m, 24h, 7d or an ISO time."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="With --all: maximum number of requests, newest first.",
)
@click.option("--show", is_flag=True, help="Print the records of the request in order.")
@click.option(
    "--verify", is_flag=True, help="Recompute every message from its recorded inputs and compare byte by byte."
)
@click.option("--what-if", is_flag=True, help="Call the models again and show the differences. Nothing is written.")
@click.option("--model", metavar="NAME[@SERVER]", help="With --what-if: the model that answers every call.")
@click.option(
    "--at",
    type=click.IntRange(0),
    metavar="N",
    help="Stop at record N: cause, prompts, settings, reads, what was known.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON objects, one per line, with everything there is.")
def replay(  # noqa: PLR0913  # click hands every option over by its name
    response_id: str | None,
    since: str,
    limit: int,
    model: str | None,
    at: int | None,
    *,
    every: bool,
    show: bool,
    verify: bool,
    what_if: bool,
    as_json: bool,
) -> None:
    """Show what happened to one request, from the journal; verify it; or ask what would have been otherwise.

    Records stand in the order of the broker's time, but never before their cause; at equal times causes come first,
    then topic, partition and offset. They are numbered from 0, and the time is that since the first one. A record
    marked with = is the same event on the same topic again.

    --verify runs with this process's network shut, and ends with 1 where something differs. A request whose content
    was erased says so: that is no difference.

    Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY, or asks the fleet that runs on MOE_DATA_DIR.
    """
    wanted = {"show": show, "verify": verify, "what-if": what_if, "at": at is not None}
    modes = [name for name, is_wanted in wanted.items() if is_wanted]
    if len(modes) != 1:
        raise click.UsageError("choose one of --show, --verify, --what-if, --at N")
    if every != (response_id is None) or (every and not verify):
        raise click.UsageError("name a request with --response-id, or use --all with --verify")
    from libs.core.ids import response_id_in
    from moe.cli.replay.modes import MODES, ReplayOptions

    MODES[modes[0]](ReplayOptions(response_id_in(response_id or ""), since, limit, model, at or 0, as_json=as_json))
