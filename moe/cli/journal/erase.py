"""`moe erase`: erase the content of a person in every store."""

import asyncio
from typing import TYPE_CHECKING

import click

from moe.cli.context.operators import by_operator
from moe.cli.journal.subjects import of_subject, subjects_named

if TYPE_CHECKING:
    from libs.operations.erasure_report import ErasureReport


@click.command()
@click.option("--tenant", required=True)
@of_subject
@click.option("--dry-run", is_flag=True, help="Count only; change nothing.")
@by_operator
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def erase(tenant: str, subject: str, operator: str, *, dry_run: bool, as_json: bool) -> None:
    """Erase one person of a tenant. May be repeated; refused while a legal hold covers them.

    Destroys the person's key, deletes ciphertext and salts of every record and dead letter about their requests, and
    what Valkey holds: the streams of these requests, known answers, conversations and notes of repetitions. Records
    that were said before and come later are kept without content. The chain still verifies. Copies on topics end with
    the topics' retention: the report names the hour. Exits with 1 where Valkey could not be reached: run it again.

    Reads POSTGRES_CHECKPOINT_URL, REDIS_URL and MOE_DATABASE_KEY or, when they are not set, those of the fleet on
    MOE_DATA_DIR. An owner's address lets it rewrite the table of keys as well.
    """
    names = subjects_named(tenant, subject)
    if not names:
        raise click.UsageError("name the person to erase: --user or --subject")
    report = asyncio.run(_erased(tenant, names, operator, dry_run=dry_run))
    for line in (report.as_json(),) if as_json else report.as_text():
        click.echo(line)
    if report.valkey.trouble:
        raise SystemExit(1)


async def _erased(tenant: str, persons: tuple[str, ...], operator: str, *, dry_run: bool) -> "ErasureReport":
    from libs.core.key_roots import NOTES
    from libs.operations.erasure import ErasureStores, erase_person
    from moe.cli.context.endpoints import database_passwords, postgres_url, redis_url
    from moe.cli.context.root_keys import root_keys

    stores = ErasureStores(postgres_url(), database_passwords(), redis_url(), lambda: root_keys(NOTES).all)
    return await erase_person(stores, tenant, persons, operator, dry_run=dry_run)
