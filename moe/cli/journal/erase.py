"""`moe erase`: erase the content of a person in every store."""

import asyncio
from typing import TYPE_CHECKING

import click

from moe.cli.context.operators import by_operator
from moe.cli.context.tenancy import require_tenant
from moe.cli.journal.subjects import of_subject, subjects_named

if TYPE_CHECKING:
    from libs.adapters.journal.erasure import ErasureRequest
    from libs.operations.erasure_report import ErasureReport, InValkey
    from libs.ports.custody import ErasureResult


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
    from libs.adapters.journal.erasure import ErasureRequest

    names = subjects_named(tenant, subject)
    if not names:
        raise click.UsageError("name the person to erase: --user or --subject")
    report = asyncio.run(_erased(ErasureRequest(tenant, names, operator), dry_run=dry_run))
    for line in (report.as_json(),) if as_json else report.as_text():
        click.echo(line)
    if report.valkey.trouble:
        raise SystemExit(1)


async def _erased(request: "ErasureRequest", *, dry_run: bool) -> "ErasureReport":
    from libs.adapters.journal.erasure import erase as erase_in_journal
    from libs.adapters.journal.erasure import rewrite_keys
    from libs.adapters.postgres.connection import connected
    from libs.operations.erasure_report import ErasureReport
    from moe.cli.context.endpoints import database_passwords, postgres_url

    await require_tenant(request.tenant)
    url = postgres_url()
    erased = await erase_in_journal(url, database_passwords(), request, dry_run=dry_run)
    if dry_run:
        return ErasureReport(erased, dry_run=True)
    async with connected(url, {"application_name": "moe erase"}) as owner:
        rewritten = await rewrite_keys(owner)
    return ErasureReport(erased, await _forgotten_in_valkey(erased), dry_run=False, keys_rewritten=rewritten)


async def _forgotten_in_valkey(erased: "ErasureResult") -> "InValkey":
    from libs.adapters.valkey.erasure import ValkeyUnavailable, erase_from_valkey
    from libs.adapters.valkey.tenant_encryption import TenantEncryption
    from libs.core.key_roots import NOTES
    from libs.operations.erasure_report import InValkey
    from moe.cli.context.endpoints import redis_url
    from moe.cli.context.root_keys import root_keys

    if not (url := redis_url()):
        return InValkey()
    seals = [TenantEncryption(key) for key in root_keys(NOTES).all]
    lists = [seal.list_of(erased.tenant, person) for person in erased.persons for seal in seals]
    try:
        return InValkey(await erase_from_valkey(url, lists, erased.responses))
    except ValkeyUnavailable as error:
        return InValkey(trouble=str(error))
