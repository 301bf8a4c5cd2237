"""Root keys of an installation: as configured, else in the data directory, where `moe up` creates them."""

from collections.abc import Mapping
from pathlib import Path

from libs.core.errors import ConfigurationError
from libs.core.key_roots import (
    AUDIT,
    DATABASE,
    DOWNLOADS,
    ENVELOPES,
    JOURNAL,
    NOTES,
    PSEUDONYMS,
    ROOTS,
    KeyRoot,
    RootKeys,
)
from libs.core.key_strength import new_secret_key
from libs.embedded.secret_file import write_private
from libs.runtime.settings import ProcessSettings
from libs.runtime.settings.keys import (
    AuditKeySettings,
    DatabaseKeySettings,
    DownloadKeySettings,
    EnvelopeKeySettings,
    JournalKeySettings,
    NotesKeySettings,
    PseudonymKeySettings,
)
from libs.runtime.settings.role_passwords import VARIABLE as PASSWORDS
from libs.runtime.settings.role_passwords import RolePasswords

# `moe up` creates these roots even if MOE_SIGNING_KEY is configured: no other machine needs them.
_LOCAL = (AUDIT, DOWNLOADS)


class RootKeySettings(
    EnvelopeKeySettings,
    DatabaseKeySettings,
    JournalKeySettings,
    AuditKeySettings,
    PseudonymKeySettings,
    NotesKeySettings,
    DownloadKeySettings,
):
    """All root keys: for `moe up`, which runs every service, and for operator commands."""

    def keys_of(self, root: KeyRoot) -> RootKeys:
        return {
            ENVELOPES: self.envelope_keys,
            DATABASE: self.database_keys,
            JOURNAL: self.journal_keys,
            AUDIT: self.audit_keys,
            PSEUDONYMS: self.pseudonym_keys,
            NOTES: self.notes_keys,
            DOWNLOADS: self.download_keys,
        }[root]


def root_keys(root: KeyRoot) -> RootKeys:
    """Raises ConfigurationError if the root has no keys."""
    if (configured := RootKeySettings.read().keys_of(root)).current:
        return configured
    data_dir = ProcessSettings.read().data_dir
    if (kept := stored_keys(root, data_dir)) is None:
        raise ConfigurationError(f"{root.variable}: not set, and there is no {data_dir / root.file}")
    return kept


def made_roots(settings: RootKeySettings, data_dir: Path) -> dict[KeyRoot, RootKeys]:
    """Roots that are not configured. Creates them once, in the data directory, with mode 0600.

    In a data directory with MOE_SIGNING_KEY alone, that key becomes a previous key of each root: what was derived from
    it stays readable. Raises ConfigurationError.
    """
    made = {}
    old = stored_keys(ENVELOPES, data_dir) if stored_keys(DATABASE, data_dir) is None else None
    for root in reversed(ROOTS):  # the signing key last: an interrupted start repeats until it is replaced
        if settings.keys_of(root).current or (settings.signing_key.get_secret_value() and root not in _LOCAL):
            continue
        kept = stored_keys(root, data_dir)
        if kept is None or (old is not None and root == ENVELOPES):
            kept = RootKeys.of(new_secret_key(), ",".join(old.all) if old is not None else "")
            store_keys(root, data_dir, kept)
        made[root] = kept
    return made


def variables_of_roots(roots: Mapping[KeyRoot, RootKeys]) -> dict[str, str]:
    """Variables of these roots, and the passwords derived from the database root."""
    found = {root.variable: keys.current for root, keys in roots.items()}
    found |= {root.previous: keys.previous for root, keys in roots.items() if keys.others}
    if DATABASE in roots:
        found[PASSWORDS] = RolePasswords.derived(roots[DATABASE]).as_text()
    return found


def stored_keys(root: KeyRoot, data_dir: Path) -> RootKeys | None:
    """Keys that `moe up` stored; None without any. Raises ConfigurationError."""
    text = read_key_file(root.variable, data_dir / root.file)
    return RootKeys.read(text) if text else None


def store_keys(root: KeyRoot, data_dir: Path, keys: RootKeys) -> None:
    """Readable by this account only. Raises ConfigurationError."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        write_private(data_dir / root.file, keys.as_text())
    except OSError as error:
        raise ConfigurationError(f"MOE_DATA_DIR: cannot use {data_dir / root.file}: {error.strerror}") from error


def read_key_file(variable: str, path: Path) -> str | None:
    """None if the file does not exist. Raises ConfigurationError."""
    try:
        return path.read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(f"{variable}: not set, and {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{variable}: not set, and {path} holds no key") from error
