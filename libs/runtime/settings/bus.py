"""Settings of the log and of the connection to it."""

import re
from functools import cached_property

from pydantic import Field

from libs.core.errors import ConfigurationError
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.runtime.settings.kafka_security import PASSWORD, USERNAME, KafkaSecuritySettings
from libs.runtime.settings.keys import EnvelopeKeySettings

_BROKER = re.compile(r"(kafka://)?(\[[0-9a-fA-F:]+\]|[^\s:/\[\]@]+):[0-9]{1,5}")


class LogSettings(EnvelopeKeySettings):
    """The identity of the log, and the keys that sign its records."""

    log_incarnation: str = Field(
        "",
        validation_alias="MOE_LOG_INCARNATION",
        description="Identifies the log of an in-memory broker, whose offsets restart; empty for a durable broker",
    )
    log_durable: bool = Field(
        default=False,
        validation_alias="MOE_LOG_DURABLE",
        description="The log that MOE_LOG_INCARNATION identifies outlives its broker, so accepted requests need no "
        "copy in Postgres",
    )

    @property
    def log_ends_with_broker(self) -> bool:
        """True for a broker in memory: accepted requests survive it only as copies in Postgres."""
        return bool(self.log_incarnation) and not self.log_durable


class BusSettings(LogSettings, KafkaSecuritySettings):
    """The connection of a process to the broker."""

    kafka_url: str = Field(
        "", validation_alias="KAFKA_URL", description="Kafka brokers, `kafka://host:9092`, comma-separated"
    )
    fetch_wait_ms: int = Field(
        5_000,
        ge=1,
        le=30_000,
        validation_alias="MOE_KAFKA_FETCH_WAIT_MS",
        description="Maximum wait of a fetch (ms); 5000 for Apache Kafka, 5-25 for brokers that do not wake a waiting "
        "fetch",
    )
    fetch_pause_ms: int = Field(
        0,
        ge=0,
        le=30_000,
        validation_alias="MOE_KAFKA_FETCH_PAUSE_MS",
        description="Pause after an empty fetch (ms), for brokers that do not wake a waiting fetch; publishing by "
        "this process ends it",
    )
    idempotent: bool = Field(
        True,
        validation_alias="MOE_KAFKA_IDEMPOTENCE",
        description="Idempotent producer; disable it if the broker has no support",
    )
    deliver_acknowledged: bool = Field(
        True,
        validation_alias="MOE_KAFKA_DELIVER_ACKNOWLEDGED",
        description="Hand a record that this process published to its own consumers as soon as the broker has "
        "acknowledged it; disable it if the broker's acknowledgements name no offsets",
    )
    static_members: bool = Field(
        True,
        validation_alias="MOE_KAFKA_STATIC_MEMBERS",
        description="Static group membership: restarted consumers keep their partitions; disable it if the broker "
        "has no support",
    )

    @property
    def bootstrap(self) -> str:
        """`host:port[,host:port]`. Raises ConfigurationError when KAFKA_URL is missing, malformed or holds a password,
        which it does not repeat."""
        if not self.kafka_url:
            raise ConfigurationError(
                "KAFKA_URL: not set; give the broker's address, for example kafka://127.0.0.1:9092"
            )
        if "@" in self.kafka_url:
            raise ConfigurationError(f"KAFKA_URL: holds no user and no password; set {USERNAME} and {PASSWORD}")
        brokers = [part.strip() for part in self.kafka_url.split(",")]
        if wrong := [broker for broker in brokers if not _BROKER.fullmatch(broker)]:
            raise ConfigurationError(f"KAFKA_URL: {wrong[0]!r} is not an address like kafka://127.0.0.1:9092")
        return ",".join(broker.removeprefix("kafka://") for broker in brokers)

    @cached_property
    def connection(self) -> KafkaConnection:
        """The connection options of every client, with one shared TLS context. Raises ConfigurationError naming the
        variable.
        """
        return self.connection_to(self.bootstrap)
