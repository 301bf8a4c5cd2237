"""Addresses of the stores for commands that run beside a fleet: as configured, else of the embedded fleet."""

import json
import os
from pathlib import Path

from libs.core.errors import ConfigurationError
from libs.core.key_roots import DATABASE, ENVELOPES, JOURNAL
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings import BusSettings, ProcessSettings
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.runtime.settings.role_passwords import VARIABLE as PASSWORDS
from libs.runtime.settings.role_passwords import RolePasswords
from moe.cli.context.embedded_stores import BROKER_ACCESS, ENDPOINTS_FILE, EmbeddedSettings
from moe.cli.context.key_holders import roles_of
from moe.cli.context.root_keys import root_keys
from services.journal.settings import Settings as JournalSettings


def postgres_url() -> str:
    """Raises ConfigurationError."""
    configured = JournalSettings.read().postgres_url.get_secret_value()
    return configured or _of_running_fleet("postgres", "POSTGRES_CHECKPOINT_URL")


def tool_server_variables() -> dict[str, str]:
    """Address and passwords of the store of switches; empty where a file holds the switches.

    Raises ConfigurationError.
    """
    url = JournalSettings.read().postgres_url.get_secret_value()
    url = url or running_fleet(ProcessSettings.read().data_dir).get("postgres", "")
    passwords = database_passwords().only(roles_of("mcp")).as_text() if url else ""
    return {"POSTGRES_CHECKPOINT_URL": url, PASSWORDS: passwords} if url else {}


def database_passwords() -> RolePasswords:
    """Derived from the root key, else as configured. Raises ConfigurationError."""
    configured = JournalSettings.read()
    if configured.database_passwords.get_secret_value() and not configured.database_keys.current:
        return RolePasswords.read(configured.database_passwords.get_secret_value())
    return RolePasswords.derived(root_keys(DATABASE))


def journal_secrets() -> JournalSecrets:
    """Secrets that open the journal for an operator. Raises ConfigurationError."""
    return JournalSecrets(database_passwords(), root_keys(JOURNAL))


def envelope_signer() -> Signer:
    """Raises ConfigurationError."""
    return Signer.of(root_keys(ENVELOPES))


def redis_url() -> str:
    """Empty if Valkey is not configured and no fleet runs here."""
    return EmbeddedSettings.read().redis_url or running_fleet(ProcessSettings.read().data_dir).get("redis", "")


def broker_settings() -> BusSettings:
    """Raises ConfigurationError."""
    settings = BusSettings.read()
    return settings if settings.kafka_url else BusSettings.read(_broker_of_running_fleet())


def _broker_of_running_fleet() -> dict[str, str]:
    address = _of_running_fleet("kafka", "KAFKA_URL")
    found = running_fleet(ProcessSettings.read().data_dir)
    access = {variable: found[name] for name, variable in BROKER_ACCESS.items() if name in found}
    return {"KAFKA_URL": address, **access}


def running_fleet(data_dir: Path) -> dict[str, str]:
    """Addresses of the fleet that runs on a data directory; empty without one.

    Raises ConfigurationError if its file cannot be read.
    """
    found = _addresses(data_dir / ENDPOINTS_FILE)
    if not _is_alive(found.get("pid")):
        return {}
    return {name: address for name, address in found.items() if isinstance(address, str) and address}


def fleet_pid(data_dir: Path) -> int:
    """0 if no fleet runs on the data directory."""
    pid = _addresses(data_dir / ENDPOINTS_FILE).get("pid")
    return pid if isinstance(pid, int) and _is_alive(pid) else 0


def _of_running_fleet(name: str, variable: str) -> str:
    data_dir = ProcessSettings.read().data_dir
    path = data_dir / ENDPOINTS_FILE
    if not (address := running_fleet(data_dir).get(name)):
        raise ConfigurationError(f"{variable}: not set, and {path} names none: no fleet runs on this data directory")
    return address


def _is_alive(pid: object) -> bool:
    """A killed fleet leaves its endpoints file behind."""
    if not isinstance(pid, int):
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _addresses(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"MOE_DATA_DIR: {path} cannot be read: {error}") from error
    return content if isinstance(content, dict) else {}
