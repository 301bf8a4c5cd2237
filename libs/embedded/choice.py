"""Selection of embedded stores, and their addresses."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Literal

from libs.contracts.staffing import ModelRef

Broker = Literal["tansu", "kafka"]
# The model of `libs.embedded.minilm`, whose libraries are optional.
EMBEDDER = ModelRef(model="all-minilm-l6-v2", server="embedded")


@dataclass(frozen=True, slots=True)
class EmbeddedChoice:
    """Stores to start, without those whose address is configured.

    `model` is a GGUF file, or "default" for the one from the wheel. `kafka_libs` is the folder of the jars of Apache
    Kafka, by default below `data_dir`.
    """

    data_dir: Path
    kafka: Broker | None = None
    valkey: bool = False
    postgres: bool = False
    model: Path | Literal["default"] | None = None
    kafka_libs: Path | None = None


@dataclass(frozen=True, slots=True)
class EmbeddedStores:
    """Addresses of the started stores, None for the others. URLs hold the passwords.

    `kafka_incarnation` changes whenever a broker without a disk starts empty, with its offsets at 0 again. `model_url`
    ends in /v1.
    """

    kafka: str | None = None
    kafka_incarnation: str | None = None
    kafka_durable: bool = False
    kafka_username: str | None = None
    kafka_password: str | None = field(default=None, repr=False)
    redis_url: str | None = None
    postgres_url: str | None = None
    model_url: str | None = None
    model_name: str | None = None
    model_api_key: str | None = None


def together(parts: Iterable[EmbeddedStores]) -> EmbeddedStores:
    """Merge the addresses of single stores; each field comes from the store that sets it."""
    result = EmbeddedStores()
    for part in parts:
        chosen = {each.name: value for each in fields(part) if (value := getattr(part, each.name))}
        result = replace(result, **chosen)
    return result
