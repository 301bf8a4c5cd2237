"""The settings of the gateway."""

from collections.abc import Callable
from pathlib import Path

from pydantic import Field, SecretStr

from libs.adapters.journal_cipher import JournalSecrets
from libs.adapters.key_ring import FixedKeys, owner_of
from services.gateway.direct_settings import DirectSettings
from services.gateway.domain.admission import Admission, Shares
from services.gateway.domain.fleet_question import Limits
from services.gateway.domain.limit import AdaptiveLimit, LimitRules
from services.gateway.door_settings import DoorSettings
from services.gateway.embedding_settings import EmbeddingSettings
from services.gateway.http.front import Rules
from services.gateway.identity_settings import BOOTSTRAP_TENANT, IdentitySettings, sendable
from services.gateway.metering_settings import MeteringSettings
from services.gateway.template_settings import TemplateSettings

HEADROOM = 0.2


class Settings(DirectSettings, DoorSettings, EmbeddingSettings, IdentitySettings, MeteringSettings, TemplateSettings):
    """Read once, in `build`."""

    host: str = Field("127.0.0.1", validation_alias="MOE_HOST", description="Address that HTTP listens on")
    port: int = Field(8002, ge=0, le=65535, validation_alias="MOE_PORT", description="Port of the gateway")
    data_dir: Path = Field(Path("var"), validation_alias="MOE_DATA_DIR", description="Where embedded stores keep data")
    redis_url: str = Field(
        validation_alias="REDIS_URL", pattern=r"^(rediss?|unix)://", description="Valkey, `redis://host:6379`"
    )
    bootstrap_api_key: SecretStr = Field(
        min_length=8,
        validation_alias="MOE_BOOTSTRAP_API_KEY",
        description="The first API key; empty: made and kept in the data dir",
    )
    instance_ordinal: str = Field(
        "",
        pattern="^([0-9]+|hostname)?$",
        validation_alias="MOE_INSTANCE_ORDINAL",
        description="Number among the instances of a service; `hostname`: from its `-<n>` ending; empty: by file lock",
    )
    request_timeout_s: float = Field(
        600, gt=0, le=86_400, validation_alias="MOE_REQUEST_TIMEOUT", description="Seconds until a request expires"
    )
    max_in_flight: int = Field(
        512,
        ge=1,
        validation_alias="MOE_MAX_IN_FLIGHT",
        description="Requests that one gateway answers at once, at most",
    )
    max_in_flight_per_tenant: int = Field(
        0,
        ge=0,
        validation_alias="MOE_MAX_IN_FLIGHT_PER_TENANT",
        description="Requests of one tenant that one gateway answers at once; 0: what is left when others have a share",
    )
    queue_target_ms: int = Field(
        500,
        ge=0,
        le=600_000,
        validation_alias="MOE_QUEUE_TARGET_MS",
        description="Above this wait in the queues of the fleet, the gateway admits less; 0: MOE_MAX_IN_FLIGHT alone",
    )
    postgres_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="POSTGRES_CHECKPOINT_URL",
        description="Postgres, `postgresql://user:password@host:5432/database`",
    )
    signing_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_SIGNING_KEY",
        description="Signs envelopes; the same everywhere",
    )
    journal_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_JOURNAL_KEY",
        description="Protects the journal's content; the same everywhere; empty: derived from MOE_SIGNING_KEY",
    )
    log_incarnation: str = Field(
        "",
        validation_alias="MOE_LOG_INCARNATION",
        description="Names the broker's log where offsets restart with the broker; empty for a durable broker",
    )
    history_max_turns: int = Field(
        4, ge=0, validation_alias="HISTORY_MAX_TURNS", description="Earlier turns that models are shown"
    )
    history_max_chars: int = Field(
        3000,
        ge=0,
        validation_alias="HISTORY_MAX_CHARS",
        description="Characters of earlier turns that models are shown",
    )

    @property
    def keys(self) -> FixedKeys:
        """Return the keys that open the gateway whatever is in the directory. Raises ConfigurationError."""
        return FixedKeys.of({sendable(self.bootstrap_api_key.get_secret_value()): owner_of(BOOTSTRAP_TENANT)})

    @property
    def secrets(self) -> JournalSecrets:
        """Return the keys that the journal is read with."""
        return JournalSecrets(self.signing_key.get_secret_value(), self.journal_key.get_secret_value())

    def admission(self, alone: Callable[[], bool]) -> Admission:
        """Return who is admitted. One tenant alone needs no headroom for others."""
        limit = AdaptiveLimit(LimitRules(ceiling=self.max_in_flight, target_ms=self.queue_target_ms))
        return Admission(limit, Shares(self.max_in_flight_per_tenant, HEADROOM, alone))

    @property
    def rules(self) -> Rules:
        """Return the numbers that the HTTP side obeys."""
        limits = Limits(self.history_max_turns, self.history_max_chars)
        return Rules(limits=limits, request_timeout_s=self.request_timeout_s, feedback=self.feedback_rules)
