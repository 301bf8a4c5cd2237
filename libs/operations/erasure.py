"""Erasure of the content of a person, in every store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from libs.adapters.identity.known_tenants import require_tenant
from libs.adapters.journal.erasure import ErasureRequest, rewrite_keys
from libs.adapters.journal.erasure import erase as erase_from_journal
from libs.adapters.postgres.connection import connected
from libs.adapters.valkey.erasure import ValkeyUnavailable, erase_from_valkey
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.operations.erasure_report import ErasureReport, InValkey
from libs.ports.custody import ErasureResult
from libs.runtime.settings.role_passwords import RolePasswords


@dataclass(frozen=True)
class ErasureStores:
    """Stores that hold content of persons. `valkey_url` is empty without Valkey.

    `value_keys` reads the root keys of values in Valkey; it is called only with a `valkey_url`, after the journal.
    """

    postgres_url: str
    passwords: RolePasswords
    valkey_url: str
    value_keys: Callable[[], Sequence[str]]


async def erase_person(
    stores: ErasureStores, tenant: str, persons: tuple[str, ...], operator: str, *, dry_run: bool
) -> ErasureReport:
    """Erase one person of a tenant, by all pseudonyms of that person. May be repeated.

    Raises UnknownTenant, ConfigurationError, PostgresUnavailable, and what the journal raises under a legal hold. An
    unreachable Valkey is part of the report: repeat the erasure.
    """
    await require_tenant(stores.postgres_url, stores.passwords, tenant)
    request = ErasureRequest(tenant, persons, operator)
    erased = await erase_from_journal(stores.postgres_url, stores.passwords, request, dry_run=dry_run)
    if dry_run:
        return ErasureReport(erased, dry_run=True)
    async with connected(stores.postgres_url, {"application_name": "moe erase"}) as owner:
        rewritten = await rewrite_keys(owner)
    return ErasureReport(erased, await _erase_from_valkey(stores, erased), dry_run=False, keys_rewritten=rewritten)


async def _erase_from_valkey(stores: ErasureStores, erased: ErasureResult) -> InValkey:
    if not stores.valkey_url:
        return InValkey()
    encryptions = [TenantEncryption(key) for key in stores.value_keys()]
    lists = [each.list_of(erased.tenant, person) for person in erased.persons for each in encryptions]
    try:
        return InValkey(await erase_from_valkey(stores.valkey_url, lists, erased.responses))
    except ValkeyUnavailable as error:
        return InValkey(trouble=str(error))
