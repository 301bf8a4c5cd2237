"""Where the stores are, for commands that run beside a fleet: as configured, else those of the embedded fleet."""

import json
import os
from dataclasses import replace
from pathlib import Path

from libs.adapters.journal_cipher import JournalSecrets
from libs.core.errors import ConfigurationError
from libs.runtime.settings import BusSettings, ProcessSettings
from services.cli.embedding import AUDIT_KEY_FILE, BROKER_ACCESS, ENDPOINTS_FILE, SIGNING_KEY_FILE, EmbeddedSettings
from services.journal.settings import Settings as JournalSettings


def postgres_url() -> str:
    """Return the address of Postgres. Raises ConfigurationError."""
    configured = JournalSettings.read().postgres_url.get_secret_value()
    return configured or _of_running_fleet("postgres", "POSTGRES_CHECKPOINT_URL")


def switches_at() -> dict[str, str]:
    """Return the variables that name the store of switches and its key, none where they are kept in a file.

    Raises ConfigurationError.
    """
    url = JournalSettings.read().postgres_url.get_secret_value()
    url = url or running_fleet(ProcessSettings.read().data_dir).get("postgres", "")
    return {"POSTGRES_CHECKPOINT_URL": url, "MOE_SIGNING_KEY": journal_secrets().signing_key} if url else {}


def journal_secrets() -> JournalSecrets:
    """Return the keys of the journal: as configured, else the signing key in the data directory.

    Raises ConfigurationError.
    """
    configured = JournalSettings.read().secrets
    if configured.signing_key:
        return configured
    path = ProcessSettings.read().data_dir / SIGNING_KEY_FILE
    if (kept := kept_key("MOE_SIGNING_KEY", path)) is None:
        raise ConfigurationError(f"MOE_SIGNING_KEY: not set, and there is no {path}")
    return replace(configured, signing_key=kept)


def audit_secret() -> str:
    """Return what checkpoints are signed with: as configured, else as `moe up` made it, else the signing key.

    Raises ConfigurationError.
    """
    if configured := JournalSettings.read().audit_key.get_secret_value():
        return configured
    if (kept := kept_key("MOE_AUDIT_KEY", ProcessSettings.read().data_dir / AUDIT_KEY_FILE)) is not None:
        return kept
    return journal_secrets().signing_key


def kept_key(variable: str, path: Path) -> str | None:
    """Return the key that `moe up` has kept in a file, None where there is none. Raises ConfigurationError."""
    try:
        return path.read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(f"{variable}: not set, and {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{variable}: not set, and {path} holds no key") from error


def redis_url() -> str:
    """Return the address of Valkey, empty when nobody gave one and no fleet runs here."""
    return EmbeddedSettings.read().redis_url or running_fleet(ProcessSettings.read().data_dir).get("redis", "")


def broker_settings() -> BusSettings:
    """Return how to reach the broker, and as whom. Raises ConfigurationError."""
    settings = BusSettings.read()
    return settings if settings.kafka_url else BusSettings.read(_broker_of_running_fleet())


def _broker_of_running_fleet() -> dict[str, str]:
    address = _of_running_fleet("kafka", "KAFKA_URL")
    found = running_fleet(ProcessSettings.read().data_dir)
    access = {variable: found[name] for name, variable in BROKER_ACCESS.items() if name in found}
    return {"KAFKA_URL": address, **access}


def running_fleet(data_dir: Path) -> dict[str, str]:
    """Return the addresses of the fleet that runs on a data directory, none if there is none.

    Raises ConfigurationError when it cannot be read.
    """
    found = _addresses(data_dir / ENDPOINTS_FILE)
    if not _is_alive(found.get("pid")):
        return {}
    return {name: address for name, address in found.items() if isinstance(address, str) and address}


def fleet_pid(data_dir: Path) -> int:
    """Return the process id of the fleet that runs on a data directory, 0 if there is none."""
    pid = _addresses(data_dir / ENDPOINTS_FILE).get("pid")
    return pid if isinstance(pid, int) and _is_alive(pid) else 0


def _of_running_fleet(name: str, variable: str) -> str:
    data_dir = ProcessSettings.read().data_dir
    path = data_dir / ENDPOINTS_FILE
    if not (address := running_fleet(data_dir).get(name)):
        raise ConfigurationError(f"{variable}: not set, and {path} names none: no fleet runs on this data directory")
    return address


def _is_alive(pid: object) -> bool:
    """Return whether the fleet that wrote the file still runs: killed, it leaves its file behind."""
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
