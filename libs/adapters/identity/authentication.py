"""Authentication of a process: static keys, keys of the directory, admins of an OpenID issuer."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import cached_property

from libs.adapters.identity.postgres_directory import DirectoryFreshness, PostgresDirectory, directory_at
from libs.ports.identity import Authenticator
from libs.runtime.service import Check
from libs.runtime.settings.admin_rules import AdminRules
from libs.runtime.settings.identity import IdentitySettings
from libs.runtime.settings.static_keys import StaticKeys

MANY = 2  # from this number on, tenants need a rule that separates them


@dataclass(frozen=True)
class Authentication:
    """`keys` authenticates every request; enter `resources` first. No `directory` without Postgres."""

    keys: Authenticator
    own: StaticKeys
    directory: PostgresDirectory | None = None
    resources: tuple[AbstractAsyncContextManager[object], ...] = ()
    checks: tuple[Check, ...] = ()

    def one_tenant(self) -> bool:
        """True if all valid keys belong to one tenant."""
        own = self._own_tenants
        return len(own) < MANY and (self.directory is None or self.directory.tenants <= own)

    @cached_property
    def _own_tenants(self) -> frozenset[str]:
        return frozenset(caller.tenant for _, caller in self.own.callers)


def authentication_of(settings: IdentitySettings) -> Authentication:
    """Opens nothing. Raises ConfigurationError."""
    authentication = _with_directory(settings, settings.keys)
    return authentication if (rules := settings.admin_rules) is None else _with_issuer(authentication, rules)


def _with_directory(settings: IdentitySettings, always: StaticKeys) -> Authentication:
    if not (url := settings.postgres_url.get_secret_value()):
        return Authentication(always, always)
    trust = DirectoryFreshness(max_staleness_s=settings.key_cache_max_staleness_s)
    directory = directory_at(url, settings.passwords, always, trust)
    return Authentication(directory, always, directory, (directory.watch,), (directory.watch,))


def _with_issuer(authentication: Authentication, rules: AdminRules) -> Authentication:
    # Few installations have an issuer, and the token modules take a tenth of a second to import.
    from libs.adapters.identity.oidc_admins import OidcAdmins
    from libs.adapters.identity.oidc_keys import IssuerKeys

    admins = OidcAdmins(IssuerKeys(rules.issuer), rules, authentication.keys)
    return replace(
        authentication,
        keys=admins,
        resources=(*authentication.resources, admins),
        checks=(*authentication.checks, admins),
    )
