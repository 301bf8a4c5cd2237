"""Settings of authentication."""

from pydantic import Field

from libs.core.errors import ConfigurationError
from libs.runtime.settings import BootstrapSettings
from libs.runtime.settings.admin_rules import AdminRules
from libs.runtime.settings.database import DatabaseSettings
from libs.runtime.settings.static_keys import StaticKeys, owner_of

BOOTSTRAP_TENANT = "default"
STALE_S = 60.0  # within which an unavailable directory is still trusted
# A host that can answer for the issuer can make admins: without TLS, that is every host on the path.
_ISSUER = r"^(https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/\S*)?)?$"


class IdentitySettings(BootstrapSettings, DatabaseSettings):
    """Settings of every service that authenticates callers."""

    key_cache_max_staleness_s: float = Field(
        STALE_S,
        ge=5,
        le=3600,
        validation_alias="MOE_KEY_CACHE_MAX_STALENESS",
        description="Seconds for which cached keys are accepted while Postgres is unavailable; then 503",
    )
    failures_per_minute: int = Field(
        240,
        ge=10,
        le=100_000,
        validation_alias="MOE_FAILED_AUTH_PER_MINUTE",
        description="Failed authentications per minute and address before 429; a quarter of it per key",
    )
    oidc_issuer: str = Field(
        "",
        pattern=_ISSUER,
        validation_alias="OIDC_ISSUER",
        description="OpenID issuer (https) of admins' tokens, exactly as in its `iss`; empty: none",
    )
    oidc_audience: str = Field(
        "",
        validation_alias="OIDC_AUDIENCE",
        description="Expected audience (`aud`) of tokens; required with OIDC_ISSUER",
    )
    oidc_admin_group: str = Field(
        "moe-admins",
        min_length=1,
        validation_alias="OIDC_ADMIN_GROUP",
        description="Group (claim `groups`) whose members are admins",
    )

    @property
    def keys(self) -> StaticKeys:
        """Keys that are valid whatever the directory contains. Raises ConfigurationError."""
        return StaticKeys.of({sendable(self.bootstrap_api_key.get_secret_value()): owner_of(BOOTSTRAP_TENANT)})

    @property
    def admin_rules(self) -> AdminRules | None:
        """None without an issuer. Raises ConfigurationError."""
        if not self.oidc_issuer:
            return None
        if not self.oidc_audience:
            raise ConfigurationError("OIDC_AUDIENCE: not set; tokens that the issuer made for others would be accepted")
        return AdminRules(self.oidc_issuer, self.oidc_audience, self.oidc_admin_group, BOOTSTRAP_TENANT)


def sendable(key: str) -> str:
    """Return a key that headers carry unchanged. Raises ConfigurationError, which does not repeat it."""
    if not key.isascii() or not key.isprintable() or key != key.strip():
        raise ConfigurationError("MOE_BOOTSTRAP_API_KEY: take ASCII without blanks around it, as headers do")
    return key
