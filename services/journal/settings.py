"""Settings of the journal."""

from typing import ClassVar

from pydantic import Field

from libs.core.database_roles import (
    AUDITOR_ROLE,
    JOURNAL_ROLE,
    READER_ROLE,
    RESTORER_ROLE,
    SEALER_ROLE,
    USAGE_ROLE,
)
from libs.runtime.settings import BusSettings
from libs.runtime.settings.journal import JournalSettings
from libs.runtime.settings.keys import AuditKeySettings, DatabaseKeySettings
from libs.runtime.settings.role_passwords import RolePasswords
from services.journal.domain.retention import SIX_MONTHS_DAYS, Retention, read_retention


class Settings(JournalSettings, AuditKeySettings, DatabaseKeySettings, BusSettings):
    """Settings of the journal. The log's name and the signing key are those of the process's bus.

    MOE_DATABASE_KEY is needed only if the journal's address is that of the database's owner.
    """

    database_roles: ClassVar[tuple[str, ...]] = (
        JOURNAL_ROLE,
        SEALER_ROLE,
        AUDITOR_ROLE,
        USAGE_ROLE,
        RESTORER_ROLE,
        READER_ROLE,
    )

    checkpoint_rows: int = Field(
        1000, ge=1, validation_alias="MOE_CHECKPOINT_ROWS", description="Rows after which a checkpoint is signed"
    )
    checkpoint_seconds: float = Field(
        60.0, gt=0, validation_alias="MOE_CHECKPOINT_SECONDS", description="Seconds after which a checkpoint is signed"
    )

    retention_days: int = Field(
        SIX_MONTHS_DAYS, ge=1, validation_alias="MOE_RETENTION_DAYS", description="Retention of content, in days"
    )
    retention_by_tenant: str = Field(
        "",
        validation_alias="MOE_RETENTION_BY_TENANT",
        description='Retention per tenant in days, a JSON object: `{"acme": 365}`',
    )
    retention_floor_days: int = Field(
        SIX_MONTHS_DAYS,
        ge=0,
        validation_alias="MOE_RETENTION_FLOOR_DAYS",
        description="Minimum allowed retention, in days; lower it only if no law requires six months",
    )

    @property
    def passwords(self) -> RolePasswords:
        """Passwords of all roles if the database key is set, else its own. Raises ConfigurationError."""
        return RolePasswords.derived(self.database_keys) if self.database_keys.current else super().passwords

    @property
    def retention(self) -> Retention:
        """Raises ConfigurationError."""
        return read_retention(self.retention_days, self.retention_by_tenant, self.retention_floor_days)
