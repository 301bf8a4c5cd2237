"""Embedded stores and keys of `moe up`, and the variables that name them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from libs.core.api_keys import new_api_key
from libs.core.errors import ConfigurationError
from libs.core.key_roots import DATABASE
from libs.embedded.addresses import addresses_before_start
from libs.embedded.choice import EMBEDDER, EmbeddedChoice, EmbeddedStores
from libs.embedded.secret_file import write_private
from libs.runtime.settings import BusSettings, ModelSettings, ProcessSettings, names_set
from libs.runtime.settings.role_passwords import VARIABLE as PASSWORDS
from libs.runtime.settings.role_passwords import RolePasswords
from moe.cli.context.root_keys import RootKeySettings, made_roots, variables_of_roots
from moe.registry import spec_of
from services.gateway.configuration.embedding import EmbeddingSettings

# The memory broker does not wake a waiting fetch: it answers at once, and the fleet, its only publisher, wakes
# itself. The pause is the delay of another process's record, against 13 % of a core while idle.
EMBEDDED_FETCH_WAIT_MS = 1
EMBEDDED_FETCH_PAUSE_MS = 500
ENDPOINTS_FILE = "endpoints.json"
BOOTSTRAP_KEY_FILE = "bootstrap.key"
# Variables of the endpoints file that clients of the embedded broker need besides its address.
BROKER_ACCESS = {
    "kafka_security_protocol": "MOE_KAFKA_SECURITY_PROTOCOL",
    "kafka_sasl_username": "MOE_KAFKA_SASL_USERNAME",
    "kafka_sasl_password": "MOE_KAFKA_SASL_PASSWORD",
}


class EmbeddedSettings(RootKeySettings, ProcessSettings, BusSettings, ModelSettings, EmbeddingSettings):
    """Settings of `moe up`: configured addresses, and the embedded stores that replace missing ones."""

    embedded_kafka: Literal["tansu", "kafka"] = Field(
        "tansu",
        validation_alias="MOE_EMBEDDED_KAFKA",
        description="Embedded broker. `tansu`: in memory, needs only pip; `kafka`: durable Apache Kafka, needs Maven "
        "once and Java 17+",
    )
    embedded_model: str = Field(
        "", validation_alias="MOE_EMBEDDED_MODEL", description="GGUF file for the embedded model server; empty: SmolLM2"
    )
    redis_url: str = Field("", validation_alias="REDIS_URL", description="Valkey, `redis://host:6379`")
    postgres_url: str = Field(
        "",
        validation_alias="POSTGRES_CHECKPOINT_URL",
        description="Postgres, `postgresql://user:password@host:5432/database`; several hosts, poolers: reliability.md",
    )
    api_key: str = Field(
        "",
        validation_alias="MOE_BOOTSTRAP_API_KEY",
        description="Bootstrap API key of an admin; empty: generated and stored in the data directory",
    )


def choice_for(settings: EmbeddedSettings, services: tuple[str, ...]) -> EmbeddedChoice:
    """Return the stores to start: those that one of the services needs and whose address is not configured.

    Raises ConfigurationError.
    """
    if any(spec_of(name).needs.llm for name in services) and not settings.inference_servers:
        require_no_model(settings)
    if not settings.kafka_url and (unused := settings.security_variables):
        raise ConfigurationError(f"{unused[0]}: is for the broker at KAFKA_URL, which is not set")
    choice = missing_stores(settings, services)
    if isinstance(choice.model, Path) and not choice.model.is_file():
        raise ConfigurationError(f"MOE_EMBEDDED_MODEL: there is no file {choice.model}")
    return choice


def missing_stores(settings: EmbeddedSettings, services: tuple[str, ...]) -> EmbeddedChoice:
    """Like `choice_for`, without its checks; no model is embedded beside a configured judge."""
    needs = [spec_of(name).needs for name in services]
    needs_model = any(need.llm for need in needs) and not settings.inference_servers and not settings.judge_model
    return EmbeddedChoice(
        data_dir=settings.data_dir,
        kafka=None if settings.kafka_url else settings.embedded_kafka,
        valkey=any(need.valkey for need in needs) and not settings.redis_url,
        postgres=any(need.postgres for need in needs) and not settings.postgres_url,
        model=_model(settings) if needs_model else None,
    )


def require_no_model(settings: ModelSettings) -> None:
    """Raises ConfigurationError if a model is configured without a server: the embedded model would replace it."""
    named = {
        "JUDGE_MODEL": settings.judge_model,
        "PLANNER_MODEL": settings.planner_model,
        "EXPERT_MODELS": settings.expert_models,
    }
    if given := [variable for variable, value in named.items() if value]:
        raise ConfigurationError(f"INFERENCE_SERVERS: names no server, so {given[0]} cannot be asked; set both or none")


def _model(settings: EmbeddedSettings) -> Path | Literal["default"]:
    return Path(settings.embedded_model) if settings.embedded_model else "default"


def variables_before_start(choice: EmbeddedChoice) -> dict[str, str]:
    """Addresses of the stores to start, as far as they are known: without ports and credentials."""
    return _addresses(addresses_before_start(choice))


def variables_of(stores: EmbeddedStores) -> dict[str, str]:
    found = {**_addresses(stores), "MOE_LOG_INCARNATION": stores.kafka_incarnation}
    if stores.kafka_password:
        found |= {"MOE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "MOE_KAFKA_SASL_USERNAME": stores.kafka_username}
        found |= {"MOE_KAFKA_SASL_PASSWORD": stores.kafka_password}
    if stores.kafka_durable:
        found |= {"MOE_LOG_DURABLE": "true"}
    elif stores.kafka:
        found |= {"MOE_KAFKA_FETCH_WAIT_MS": str(EMBEDDED_FETCH_WAIT_MS), "MOE_KAFKA_IDEMPOTENCE": "false"}
        found |= {"MOE_KAFKA_FETCH_PAUSE_MS": str(EMBEDDED_FETCH_PAUSE_MS), "MOE_KAFKA_STATIC_MEMBERS": "false"}
    return {name: value for name, value in found.items() if value}


def _addresses(stores: EmbeddedStores) -> dict[str, str]:
    found = {
        "KAFKA_URL": stores.kafka and f"kafka://{stores.kafka}",
        "REDIS_URL": stores.redis_url,
        "POSTGRES_CHECKPOINT_URL": stores.postgres_url,
        "INFERENCE_SERVERS": stores.model_url and _inference_servers(stores),
        "JUDGE_MODEL": stores.model_name,
    }
    return {name: value for name, value in found.items() if value}


def embedder_for(settings: EmbeddedSettings) -> dict[str, str]:
    """Empty if another embedding model is configured."""
    return {} if settings.embedding_model else {"EMBEDDING_MODEL": str(EMBEDDER)}


def _inference_servers(stores: EmbeddedStores) -> str:
    server = {"name": "embedded", "url": stores.model_url, "api_type": "openai", "small": True}
    return json.dumps([{**server, "token": stores.model_api_key}])


def made_keys(settings: EmbeddedSettings) -> dict[str, str]:
    """Keys that are not configured. Creates them once, in the data directory, with mode 0600.

    Raises ConfigurationError.
    """
    roots = made_roots(settings, settings.data_dir)
    made = variables_of_roots(roots)
    if DATABASE not in roots and PASSWORDS not in names_set() and settings.database_keys.current:
        made[PASSWORDS] = RolePasswords.derived(settings.database_keys).as_text()
    if not settings.api_key:
        made["MOE_BOOTSTRAP_API_KEY"] = _stored_secret(settings.data_dir / BOOTSTRAP_KEY_FILE, new_api_key())
    return made


def _stored_secret(path: Path, fresh: str) -> str:
    try:
        if path.exists():
            return path.read_text().strip()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, fresh)
    except OSError as error:
        raise ConfigurationError(f"MOE_DATA_DIR: cannot use {path}: {error.strerror}") from error
    return fresh


def write_endpoints(data_dir: Path, variables: Mapping[str, str], gateway: str | None) -> None:
    """Write the endpoints file for operator commands on this machine (mode 0600: URLs hold passwords).

    `variables` are those of the embedded stores; `gateway` is a URL.
    """
    endpoints = {
        "pid": os.getpid(),
        "kafka": variables.get("KAFKA_URL"),
        "redis": variables.get("REDIS_URL"),
        "postgres": variables.get("POSTGRES_CHECKPOINT_URL"),
        "inference_servers": variables.get("INFERENCE_SERVERS"),
        "judge_model": variables.get("JUDGE_MODEL"),
        "gateway": gateway,
        **{name: variables.get(variable) for name, variable in BROKER_ACCESS.items()},
    }
    write_private(data_dir / ENDPOINTS_FILE, json.dumps(endpoints))
