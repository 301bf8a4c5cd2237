"""Settings of a process, whichever services it runs."""

from pathlib import Path

from pydantic import Field

from libs.runtime.settings.base import Settings


class PolicySettings(Settings):
    """Limits on the retries of a failed command and on dead letters."""

    retry_max_elapsed_s: float = Field(
        60,
        ge=0,
        le=3600,
        validation_alias="MOE_RETRY_MAX_ELAPSED",
        description="Seconds after the first attempt within which a failed command is retried; 60: retries after "
        "about 0.2, 5 and 35 s",
    )
    dead_letter_ratio: float = Field(
        0.5,
        gt=0,
        le=1,
        validation_alias="MOE_DEAD_LETTER_RATIO",
        description="Share of a consumer's last 200 records that may hit a bug or be signed but unreadable before it "
        "stops",
    )
    max_consecutive_dead_letters: int = Field(
        50,
        ge=2,
        validation_alias="MOE_MAX_CONSECUTIVE_DEAD_LETTERS",
        description="Consecutive dead letters after which a consumer stops",
    )
    max_consecutive_unsigned: int = Field(
        1000,
        ge=10,
        validation_alias="MOE_MAX_CONSECUTIVE_UNSIGNED",
        description="Consecutive invalid signatures after which a consumer stops that has not seen a valid one",
    )


class HttpSettings(Settings):
    """The addresses of the HTTP listeners."""

    host: str = Field("127.0.0.1", validation_alias="MOE_HOST", description="Listen address of HTTP")


class InstanceSettings(Settings):
    """The identity of an instance, and its data directory."""

    data_dir: Path = Field(
        Path("var"), validation_alias="MOE_DATA_DIR", description="Data directory of embedded stores"
    )
    instance_ordinal: str = Field(
        "",
        pattern="^([0-9]+|hostname)?$",
        validation_alias="MOE_INSTANCE_ORDINAL",
        description="Instance number within a service; `hostname`: from its `-<n>` suffix; empty: assigned by a file "
        "lock",
    )


class ProcessSettings(PolicySettings, HttpSettings, InstanceSettings):
    """The settings of every process, whichever services it runs."""

    metrics_host: str = Field(
        "127.0.0.1",
        validation_alias="MOE_METRICS_HOST",
        description="Listen address of /metrics, /health and /ready; /metrics requires no key",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        validation_alias="MOE_METRICS_PORT",
        description="Port of /metrics, /health and /ready; 0: 9470 plus the number of the process's first service "
        "(gateway 9470, planner 9471, …)",
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        validation_alias="LOG_LEVEL",
        description="DEBUG, INFO, WARNING or ERROR",
    )
