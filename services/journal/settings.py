"""Settings of the journal."""

from pydantic import Field, SecretStr

from libs.adapters.journal_checkpoints import CheckpointRule
from libs.adapters.journal_sealer import SealingLimits
from libs.adapters.journal_settings import JournalSettings
from libs.adapters.journal_signing import CheckpointSigner
from libs.runtime.settings import BusSettings
from libs.runtime.settings.keys import RootKey
from services.journal.domain.retention import SIX_MONTHS_DAYS, Retention, read_retention


class Settings(JournalSettings, BusSettings):
    """Where records are kept. The log's name and the signing key are those of the process's bus."""

    audit_key: RootKey = Field(
        SecretStr(""),
        validation_alias="MOE_AUDIT_KEY",
        description="Signs the journal's checkpoints; the journal's alone; empty: derived from MOE_SIGNING_KEY",
    )
    checkpoint_rows: int = Field(
        1000, ge=1, validation_alias="MOE_CHECKPOINT_ROWS", description="A checkpoint is signed after so many rows"
    )
    checkpoint_seconds: float = Field(
        60.0, gt=0, validation_alias="MOE_CHECKPOINT_SECONDS", description="A checkpoint is signed after so long"
    )

    retention_days: int = Field(
        SIX_MONTHS_DAYS, ge=1, validation_alias="MOE_RETENTION_DAYS", description="How long content is kept, in days"
    )
    retention_by_tenant: str = Field(
        "", validation_alias="MOE_RETENTION_BY_TENANT", description='Other times, a JSON object: `{"acme": 365}`'
    )
    retention_floor_days: int = Field(
        SIX_MONTHS_DAYS,
        ge=0,
        validation_alias="MOE_RETENTION_FLOOR_DAYS",
        description="No retention may be shorter; lower it only where no law asks for six months",
    )

    @property
    def retention(self) -> Retention:
        """Return how long content is kept. Raises ConfigurationError."""
        return read_retention(self.retention_days, self.retention_by_tenant, self.retention_floor_days)

    @property
    def sealing(self) -> SealingLimits:
        """Return how rows are chained."""
        return SealingLimits(checkpoints=CheckpointRule(self.checkpoint_rows, self.checkpoint_seconds))

    @property
    def checkpoint_signer(self) -> CheckpointSigner:
        """Return who signs checkpoints. Raises ConfigurationError."""
        return CheckpointSigner(self.audit_key.get_secret_value() or self.signing_key.get_secret_value())
