"""`moe laws`: the mirror of German federal law for the legal tools."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from libs.core.errors import ConfigurationError

if TYPE_CHECKING:
    from services.mcp.tools.served.legal.download import Downloaded

_TOTAL_S = 120.0
_MAX_BYTES = 64 << 20


@click.group()
def laws() -> None:
    """Keep a mirror of German federal law for the legal tools; they read the folder that MOE_LAWS_DIR names."""


@laws.command()
@click.option("--dir", "folder", envvar="MOE_LAWS_DIR", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option(
    "--base-url",
    envvar="GII_BASE_URL",
    default="https://www.gesetze-im-internet.de",
    show_default=True,
    help="The law portal, or a mirror of it.",
)
@click.option("--law", "only", multiple=True, help="A law by its folder on the portal, `bgb`; may be given again.")
@click.option("--refresh", is_flag=True, help="Fetch files again that exist already.")
def download(folder: Path, base_url: str, only: tuple[str, ...], *, refresh: bool) -> None:
    """Fetch the portal's XML of all laws, or of some.

    About 6,900 archives of 200 MB together. A run that was ended goes on where it stopped. Ends with status 1 when laws
    could not be fetched, and names them.
    """
    outcome = asyncio.run(_download(folder, base_url.rstrip("/"), only, refresh=refresh))
    for line in outcome.failed:
        click.echo(line, err=True)
    click.echo(f"{outcome.fetched} fetched, {outcome.unchanged} there already, {len(outcome.failed)} failed: {folder}")
    if outcome.failed:
        raise click.exceptions.Exit(1)


async def _download(folder: Path, base_url: str, only: tuple[str, ...], *, refresh: bool) -> "Downloaded":
    from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher
    from services.mcp.tools.served.legal import download as mirror
    from services.mcp.tools.served.legal.archive import CONTENTS

    limits = FetchLimits(max_bytes=_MAX_BYTES, total_s=_TOTAL_S, idle_s=_TOTAL_S)
    portal = mirror.Portal(WebFetcher(Reach.of_service(base_url), limits), base_url)
    contents = await portal.contents()
    listed = mirror.folders_of(contents)
    if unknown := [law for law in only if law not in listed]:
        raise ConfigurationError(f"--law {unknown[0][:40]}: the portal has no law of that name")
    laws = only or listed
    wanted = laws if refresh else mirror.missing(folder, laws)
    mirror.write_file(folder / CONTENTS, contents)
    with click.progressbar(length=len(wanted), label="laws", show_pos=True) as bar:
        outcome = await mirror.download(portal, folder, wanted, lambda _: bar.update(1))
    return mirror.Downloaded(outcome.fetched, len(laws) - len(wanted), outcome.failed)
