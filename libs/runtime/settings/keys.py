"""Secret keys as settings, one group per root key. A weak key stops the start with advice on a new one."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from libs.core.key_roots import NEXT, RootKeys
from libs.core.key_strength import GENERATE, weakness, weakness_of_api_key
from libs.runtime.settings.base import Settings


def _strong(key: SecretStr) -> SecretStr:
    return _refused_if(weakness(key.get_secret_value()) if key.get_secret_value() else None, key)


def _all_strong(keys: SecretStr) -> SecretStr:
    listed = filter(None, (key.strip().removeprefix(NEXT) for key in keys.get_secret_value().split(",")))
    return _refused_if(next(filter(None, map(weakness, listed)), None), keys)


def _strong_api_key(key: SecretStr) -> SecretStr:
    return _refused_if(weakness_of_api_key(key.get_secret_value()), key)


def _refused_if(fault: str | None, key: SecretStr) -> SecretStr:
    if fault is not None:
        raise ValueError(f"too weak, it {fault}; {GENERATE}")
    return key


RootKey = Annotated[SecretStr, AfterValidator(_strong)]
OtherKeys = Annotated[SecretStr, AfterValidator(_all_strong)]
ChosenApiKey = Annotated[SecretStr, AfterValidator(_strong_api_key)]
EMPTY = SecretStr("")


# A service declares the groups that it needs and can therefore derive no other keys.
def keys_of(current: SecretStr, previous: SecretStr) -> RootKeys:
    return RootKeys.of(current.get_secret_value(), previous.get_secret_value())


class EnvelopeKeySettings(Settings):
    """The keys that sign envelopes. Every process needs them."""

    signing_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_SIGNING_KEY",
        description="Root key that signs envelopes; the same for all services",
    )
    signing_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_SIGNING_KEY_PREVIOUS",
        description="Other valid signing keys during a rotation, comma-separated",
    )

    @property
    def envelope_keys(self) -> RootKeys:
        return keys_of(self.signing_key, self.signing_key_previous)


class DatabaseKeySettings(Settings):
    """The keys from which the passwords of all database roles are derived: for the database owner alone."""

    database_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_DATABASE_KEY",
        description="Root key from which the passwords of database roles are derived; for `moe migrate`, operators, "
        "and a journal with the owner's address",
    )
    database_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_DATABASE_KEY_PREVIOUS",
        description="Other valid database keys during a rotation, comma-separated",
    )

    @property
    def database_keys(self) -> RootKeys:
        return keys_of(self.database_key, self.database_key_previous)


class JournalKeySettings(Settings):
    """The keys that wrap the keys of the journal's content."""

    journal_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_JOURNAL_KEY",
        description="Root key that encrypts the journal's content; gateway and journal only",
    )
    journal_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_JOURNAL_KEY_PREVIOUS",
        description="Other valid journal keys during a rotation, comma-separated",
    )

    @property
    def journal_keys(self) -> RootKeys:
        return keys_of(self.journal_key, self.journal_key_previous)


class AuditKeySettings(Settings):
    """The keys that sign checkpoints."""

    audit_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_AUDIT_KEY",
        description="Root key that signs the journal's checkpoints; journal only",
    )
    audit_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_AUDIT_KEY_PREVIOUS",
        description="Earlier checkpoint keys, comma-separated; auditors need the public keys of all",
    )

    @property
    def audit_keys(self) -> RootKeys:
        return keys_of(self.audit_key, self.audit_key_previous)


class PseudonymKeySettings(Settings):
    """The keys of the pseudonyms of users and sessions."""

    pseudonym_key: RootKey = Field(
        EMPTY, validation_alias="MOE_PSEUDONYM_KEY", description="Root key of data subjects' pseudonyms; gateway only"
    )
    pseudonym_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_PSEUDONYM_KEY_PREVIOUS",
        description="Earlier pseudonym keys, comma-separated; records carry these pseudonyms as well, so that "
        "earlier holds and erasures cover them",
    )

    @property
    def pseudonym_keys(self) -> RootKeys:
        return keys_of(self.pseudonym_key, self.pseudonym_key_previous)


class NotesKeySettings(Settings):
    """The keys by which gateways name and encrypt their key-value entries in Valkey."""

    notes_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_NOTES_KEY",
        description="Root key that encrypts the gateways' entries in Valkey; gateway only",
    )
    notes_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_NOTES_KEY_PREVIOUS",
        description="Earlier keys of such entries, which an erasure still has to find",
    )

    @property
    def notes_keys(self) -> RootKeys:
        return keys_of(self.notes_key, self.notes_key_previous)


class DownloadKeySettings(Settings):
    """The keys that sign links to files."""

    downloads_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_DOWNLOADS_KEY",
        description="Root key that signs download links; shared by all mcp processes; empty: tools with downloads "
        "are unavailable",
    )
    downloads_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_DOWNLOADS_KEY_PREVIOUS",
        description="Earlier keys whose download links stay valid until they expire, comma-separated",
    )

    @property
    def download_keys(self) -> RootKeys:
        return keys_of(self.downloads_key, self.downloads_key_previous)
