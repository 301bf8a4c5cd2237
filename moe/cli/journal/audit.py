"""`moe audit`: exports for auditors, and the public key that verifies them."""

import asyncio
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

from moe.cli.context.tenancy import require_tenant

if TYPE_CHECKING:
    from libs.adapters.journal.export import JournalExport

_DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@click.group()
def audit() -> None:
    """Hand the journal of a tenant to an auditor who does not have to trust us; docs/audit.md says how to check it."""


@audit.command()
def key() -> None:
    """Print the public key of the journal's checkpoints (Ed25519, hex). Auditors get it on another way than exports."""
    from libs.adapters.journal.signing import CheckpointSigner
    from libs.core.key_roots import AUDIT
    from moe.cli.context.root_keys import root_keys

    for key in root_keys(AUDIT).all:
        click.echo(CheckpointSigner(key).public_key)


@audit.command()
@click.option("--tenant", required=True)
@click.option("--from", "since", type=click.DateTime(_DAYS), help="UTC, inclusive; default: from the beginning.")
@click.option("--to", "until", type=click.DateTime(_DAYS), help="UTC, exclusive; default: all that is sealed.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file; - for stdout.")
@click.option("--include-unsigned", is_flag=True, help="Also the rows after the last checkpoint, which prove nothing.")
def export(tenant: str, since: datetime | None, until: datetime | None, out: Path, *, include_unsigned: bool) -> None:
    """Write the sealed rows of a tenant, one JSON object a line: heading, rows and checkpoints, end.

    It ends at a checkpoint, so that it can be verified to its last row; the journal signs one after 1,000 rows or a
    minute. Content is in it as ciphertext: the export proves what was stored and shows no words. Check it with
    `python tools/verify_export.py FILE --public-key KEY`.
    """
    from libs.adapters.journal.export import JournalExport, Period

    journal = JournalExport(tenant, Period(_us(since), _us(until)), include_unsigned=include_unsigned)
    asyncio.run(_write(journal, out))
    click.echo(f"{journal.rows} rows", err=True)
    if journal.left_out:
        click.echo(
            f"{journal.left_out} rows were left out: no checkpoint covers them yet. Export again in a minute, or take "
            "them along with --include-unsigned.",
            err=True,
        )


async def _write(journal: "JournalExport", out: Path) -> None:
    from moe.cli.context.endpoints import database_passwords, postgres_url

    await require_tenant(journal.tenant)
    with _opened(out) as file:
        async for line in journal.lines(postgres_url(), database_passwords()):
            file.write(line + "\n")


def _opened(out: Path) -> AbstractContextManager[IO[str]]:
    """The file appears once the export is complete. Raises click.FileError."""
    try:
        return cast(IO[str], click.open_file(str(out), "w", encoding="ascii", atomic=str(out) != "-"))
    except OSError as error:
        raise click.FileError(str(out), error.strerror) from error


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000
