"""The settings of a process, whichever services it runs."""

from pathlib import Path

from pydantic import Field

from libs.runtime.settings.base import Settings


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


class HttpSettings(Settings):
    """Where HTTP is served."""

    host: str = Field("127.0.0.1", validation_alias="MOE_HOST", description="Address that HTTP listens on")


class InstanceSettings(Settings):
    """Which instance it is, and where it keeps files."""

    data_dir: Path = Field(Path("var"), validation_alias="MOE_DATA_DIR", description="Where embedded stores keep data")
    instance_ordinal: str = Field(
        "",
        pattern="^([0-9]+|hostname)?$",
        validation_alias="MOE_INSTANCE_ORDINAL",
        description="Number among the instances of a service; `hostname`: from its `-<n>` ending; empty: by file lock",
    )


class ProcessSettings(PolicySettings, HttpSettings, InstanceSettings):
    """What every process needs, whichever services it runs."""

    metrics_host: str = Field(
        "127.0.0.1",
        validation_alias="MOE_METRICS_HOST",
        description="Address that /metrics listens on, with /health and /ready beside it; /metrics needs no key",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        validation_alias="MOE_METRICS_PORT",
        description="Port of /metrics, /health and /ready of a process; 0: 9470, for a planner 9471 and so on "
        "by the first service of the process",
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        validation_alias="LOG_LEVEL",
        description="DEBUG, INFO, WARNING or ERROR",
    )
