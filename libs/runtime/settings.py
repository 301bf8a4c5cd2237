"""Settings: environment variables, read once in `build()`, validated at start. A wrong value is one line naming it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import orjson
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.core.errors import ConfigurationError

_PUBLIC_OF_A_SERVER = ("name", "url", "api_type", "small", "enabled")
_BROKER = re.compile(r"(kafka://)?(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):[0-9]{1,5}")


class Settings(BaseSettings):
    """Base of every settings class. Fields carry the variable's name as alias and a description for the docs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True)
    shaped_by: ClassVar[tuple[str, ...]] = ()  # the fields that shape what the service says; never a secret

    @classmethod
    def read(cls, given: Mapping[str, str] | None = None) -> Self:
        """Read the environment; `given` variables take precedence. Raises ConfigurationError naming the variable."""
        try:
            return cls(**dict(given or {}))  # type: ignore[arg-type]  # keyed by variable, not by field
        except ValidationError as error:
            raise ConfigurationError(_one_line(error)) from error

    def shaping(self) -> dict[str, str]:
        """Return what shapes the service's messages, by variable, as `read` takes it. Holds no secrets."""
        fields = ((name, type(self).model_fields[name].validation_alias) for name in sorted(self.shaped_by))
        return {str(variable): str(getattr(self, name)) for name, variable in fields}


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"


class BusSettings(Settings):
    """How a process reaches the broker."""

    kafka_url: str = Field(
        "", validation_alias="KAFKA_URL", description="Broker, `kafka://host:9092`; several with commas"
    )
    fetch_wait_ms: int = Field(
        500,
        ge=1,
        le=30_000,
        validation_alias="MOE_FETCH_WAIT_MS",
        description="How long a fetch may wait; 500 for Apache Kafka, 5-25 where a new record does not wake a fetch",
    )
    fetch_pause_ms: int = Field(
        0,
        ge=0,
        le=30_000,
        validation_alias="MOE_FETCH_PAUSE_MS",
        description="Where a new record does not wake a fetch: pause after an empty one unless this process publishes",
    )
    idempotent: bool = Field(
        True, validation_alias="MOE_KAFKA_IDEMPOTENCE", description="Idempotent producer; off where the broker has none"
    )
    static_members: bool = Field(
        True,
        validation_alias="MOE_KAFKA_STATIC_MEMBERS",
        description="Who comes back has its partitions at once; off where the broker knows no static members",
    )
    signing_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_SIGNING_KEY",
        description="Signs envelopes; the same everywhere",
    )
    log_incarnation: str = Field(
        "",
        validation_alias="MOE_LOG_INCARNATION",
        description="Names the broker's log where offsets restart with the broker; empty for a durable broker",
    )

    @property
    def bootstrap(self) -> str:
        """Return `host:port[,host:port]`. Raises ConfigurationError when KAFKA_URL is not set or something else."""
        if not self.kafka_url:
            raise ConfigurationError(
                "KAFKA_URL: not set; give the broker's address, for example kafka://127.0.0.1:9092"
            )
        brokers = [part.strip() for part in self.kafka_url.split(",")]
        if wrong := [broker for broker in brokers if not _BROKER.fullmatch(broker)]:
            raise ConfigurationError(f"KAFKA_URL: {wrong[0]!r} is not an address like kafka://127.0.0.1:9092")
        return ",".join(broker.removeprefix("kafka://") for broker in brokers)


class PolicySettings(Settings):
    """How long a failed command is tried again, and when dead letters are too many."""

    retry_patience_s: float = Field(
        60,
        ge=0,
        le=3600,
        validation_alias="MOE_RETRY_PATIENCE",
        description="Seconds from the first attempt within which a failed command is tried again; 60: after about "
        "0.2, 5 and 35 s",
    )
    dead_letter_ratio: float = Field(
        0.5,
        gt=0,
        le=1,
        validation_alias="MOE_DEAD_LETTER_RATIO",
        description="A consumer stops when more than this share of its last 200 records met a bug or were unreadable "
        "though signed",
    )
    dead_letters_in_a_row: int = Field(
        50,
        ge=2,
        validation_alias="MOE_DEAD_LETTERS_IN_A_ROW",
        description="A consumer stops after so many of them without a good record in between",
    )
    strangers_in_a_row: int = Field(
        1000,
        ge=10,
        validation_alias="MOE_STRANGERS_IN_A_ROW",
        description="A consumer that has yet to see a good signature stops after so many bad ones",
    )


class ProcessSettings(PolicySettings):
    """What every process needs, whichever services it runs."""

    host: str = Field("127.0.0.1", validation_alias="MOE_HOST", description="Address that HTTP listens on")
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        validation_alias="MOE_METRICS_PORT",
        description="Port of /health, /ready and /metrics of a process; 0: the first service's own default",
    )
    data_dir: Path = Field(Path("var"), validation_alias="MOE_DATA_DIR", description="Where embedded stores keep data")
    instance_ordinal: str = Field(
        "",
        pattern="^([0-9]+|hostname)?$",
        validation_alias="MOE_INSTANCE_ORDINAL",
        description="Number among the instances of a service; `hostname`: from its `-<n>` ending; empty: by file lock",
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        validation_alias="LOG_LEVEL",
        description="DEBUG, INFO, WARNING or ERROR",
    )


class ModelSettings(Settings):
    """Which models answer. One server and JUDGE_MODEL are enough: the rest falls back to them."""

    shaped_by: ClassVar[tuple[str, ...]] = (
        "inference_servers",
        "judge_model",
        "judge_endpoint",
        "planner_model",
        "planner_endpoint",
        "expert_models",
        "tier_boundary_b",
    )

    inference_servers: str = Field(
        "",
        validation_alias="INFERENCE_SERVERS",
        description='JSON list, for example `[{"name":"local","url":"http://127.0.0.1:11434/v1","api_type":"openai"}]`',
    )
    judge_model: str = Field("", validation_alias="JUDGE_MODEL", description="Model that merges and checks")
    judge_endpoint: str = Field("", validation_alias="JUDGE_ENDPOINT", description="Server name; empty: the first one")
    planner_model: str = Field("", validation_alias="PLANNER_MODEL", description="Model that plans; empty: JUDGE_MODEL")
    planner_endpoint: str = Field("", validation_alias="PLANNER_ENDPOINT", description="Server; empty: the judge's")
    expert_models: str = Field(
        "",
        validation_alias="EXPERT_MODELS",
        description='JSON object, category to models: `{"math":[{"model":"phi4:14b","endpoint":"local"}]}`',
    )
    tier_boundary_b: float = Field(
        20,
        gt=0,
        validation_alias="EXPERT_TIER_BOUNDARY_B",
        description="Models up to this many billion parameters are tier 1",
    )

    calls_at_once: int = Field(
        64,
        ge=1,
        le=4096,
        validation_alias="MOE_CALLS_AT_ONCE",
        description="Commands of one kind for which a process asks models at once; more than the servers have slots "
        "for queue there, where nobody sees it",
    )

    def shaping(self) -> dict[str, str]:
        """Return what shapes the service's messages; of a model server without its token."""
        return super().shaping() | {"INFERENCE_SERVERS": _without_tokens(self.inference_servers)}


def _without_tokens(servers: str) -> str:
    entries = orjson.loads(servers) if servers.strip() else []
    public = [{name: entry[name] for name in _PUBLIC_OF_A_SERVER if name in entry} for entry in entries]
    return orjson.dumps(public).decode()
