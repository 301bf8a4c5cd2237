"""Configuration that an operator command finds: its own settings, and those of a fleet that runs beside it."""

from dataclasses import dataclass

from libs.core.key_roots import ROOTS
from moe.cli.context.embedded_stores import (
    BOOTSTRAP_KEY_FILE,
    BROKER_ACCESS,
    EmbeddedSettings,
)
from moe.cli.context.endpoints import fleet_pid, running_fleet
from moe.cli.context.root_keys import read_key_file, stored_keys, variables_of_roots

_VARIABLES = {
    "kafka": "KAFKA_URL",
    "redis": "REDIS_URL",
    "postgres": "POSTGRES_CHECKPOINT_URL",
    "inference_servers": "INFERENCE_SERVERS",
    "judge_model": "JUDGE_MODEL",
}


@dataclass(frozen=True)
class CliContext:
    """`settings` hold every known address; `given` are the variables taken from the running fleet.

    `keys`: keys in the data directory that are not configured.
    `gateway` is the URL of the running fleet, empty without one; `fleet_pid` is its process id, 0 without one.
    """

    settings: EmbeddedSettings
    given: dict[str, str]
    keys: dict[str, str]
    gateway: str
    fleet_pid: int = 0


def read_cli_context() -> CliContext:
    """Read the environment and the data directory. Raises ConfigurationError."""
    configured = EmbeddedSettings.read()
    fleet = running_fleet(configured.data_dir)
    found = {_VARIABLES[name]: address for name, address in fleet.items() if name in _VARIABLES}
    given = {name: value for name, value in found.items() if not _value(configured, name)}
    if "KAFKA_URL" in given:
        given |= {variable: fleet[name] for name, variable in BROKER_ACCESS.items() if name in fleet}
    settings = EmbeddedSettings.read(given)
    return CliContext(settings, given, _keys(configured), fleet.get("gateway", ""), fleet_pid(configured.data_dir))


def _value(settings: EmbeddedSettings, variable: str) -> str:
    values = {
        "KAFKA_URL": settings.kafka_url,
        "REDIS_URL": settings.redis_url,
        "POSTGRES_CHECKPOINT_URL": settings.postgres_url,
        "INFERENCE_SERVERS": settings.inference_servers,
        "JUDGE_MODEL": settings.judge_model,
    }
    return values[variable]


def _keys(settings: EmbeddedSettings) -> dict[str, str]:
    unset = [root for root in ROOTS if not settings.keys_of(root).current]
    kept = {root: keys for root in unset if (keys := stored_keys(root, settings.data_dir)) is not None}
    found = variables_of_roots(kept)
    if not settings.api_key:
        key = read_key_file("MOE_BOOTSTRAP_API_KEY", settings.data_dir / BOOTSTRAP_KEY_FILE)
        found["MOE_BOOTSTRAP_API_KEY"] = key or ""
    return {name: value for name, value in found.items() if value}
