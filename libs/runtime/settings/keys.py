"""Secret keys as settings, a group for each root. A weak key stops the start, in a line that says how to make another.

A service names the groups that it needs and can therefore derive nothing of another kind.
"""

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


def keys_of(current: SecretStr, previous: SecretStr) -> RootKeys:
    """Return the keys of a root from its two settings."""
    return RootKeys.of(current.get_secret_value(), previous.get_secret_value())


class EnvelopeKeySettings(Settings):
    """What envelopes are signed with. Every process needs it."""

    signing_key: RootKey = Field(
        EMPTY, validation_alias="MOE_SIGNING_KEY", description="Signs envelopes; the same everywhere"
    )
    signing_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_SIGNING_KEY_PREVIOUS",
        description="Other keys whose signatures are accepted, with commas: before and after a rotation",
    )

    @property
    def envelope_keys(self) -> RootKeys:
        """Return the keys of envelopes."""
        return keys_of(self.signing_key, self.signing_key_previous)


class DatabaseKeySettings(Settings):
    """What the passwords of all roles of the database are derived from: for its owner alone."""

    database_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_DATABASE_KEY",
        description="The passwords of the database's roles are derived from it; for `moe migrate`, operators, and the "
        "journal where it has the address of the database's owner",
    )
    database_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_DATABASE_KEY_PREVIOUS",
        description="Other keys whose passwords are tried, with commas",
    )

    @property
    def database_keys(self) -> RootKeys:
        """Return the keys of the database."""
        return keys_of(self.database_key, self.database_key_previous)


class JournalKeySettings(Settings):
    """What the keys of the journal's content are wrapped with."""

    journal_key: RootKey = Field(
        EMPTY, validation_alias="MOE_JOURNAL_KEY", description="Protects the journal's content; gateway's and journal's"
    )
    journal_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_JOURNAL_KEY_PREVIOUS",
        description="Other keys that content can be under, with commas: before and after a rotation",
    )

    @property
    def journal_keys(self) -> RootKeys:
        """Return the keys of the journal."""
        return keys_of(self.journal_key, self.journal_key_previous)


class AuditKeySettings(Settings):
    """What checkpoints are signed with."""

    audit_key: RootKey = Field(
        EMPTY, validation_alias="MOE_AUDIT_KEY", description="Signs the journal's checkpoints; the journal's alone"
    )
    audit_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_AUDIT_KEY_PREVIOUS",
        description="Keys that signed checkpoints before, with commas; auditors get the public halves of all",
    )

    @property
    def audit_keys(self) -> RootKeys:
        """Return the keys of checkpoints."""
        return keys_of(self.audit_key, self.audit_key_previous)


class PseudonymKeySettings(Settings):
    """What pseudonyms of persons and sessions are made with."""

    pseudonym_key: RootKey = Field(
        EMPTY, validation_alias="MOE_PSEUDONYM_KEY", description="Makes pseudonyms of persons; the gateways' alone"
    )
    pseudonym_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_PSEUDONYM_KEY_PREVIOUS",
        description="Keys of earlier pseudonyms, with commas: records carry these too, so that holds and erasures of "
        "before a rotation cover them",
    )

    @property
    def pseudonym_keys(self) -> RootKeys:
        """Return the keys of pseudonyms."""
        return keys_of(self.pseudonym_key, self.pseudonym_key_previous)


class NotesKeySettings(Settings):
    """What gateways name and seal their notes in Valkey with."""

    notes_key: RootKey = Field(
        EMPTY, validation_alias="MOE_NOTES_KEY", description="Seals gateways' notes in Valkey; the gateways' alone"
    )
    notes_key_previous: OtherKeys = Field(
        EMPTY, validation_alias="MOE_NOTES_KEY_PREVIOUS", description="Keys of notes that an erasure still has to find"
    )

    @property
    def notes_keys(self) -> RootKeys:
        """Return the keys of notes."""
        return keys_of(self.notes_key, self.notes_key_previous)


class DownloadKeySettings(Settings):
    """What links to files are signed with."""

    downloads_key: RootKey = Field(
        EMPTY,
        validation_alias="MOE_DOWNLOADS_KEY",
        description="Signs links to files that tools made; mcp's and the same in all of them; empty: no such tools",
    )
    downloads_key_previous: OtherKeys = Field(
        EMPTY,
        validation_alias="MOE_DOWNLOADS_KEY_PREVIOUS",
        description="Other keys whose links are accepted until they expire, with commas",
    )

    @property
    def download_keys(self) -> RootKeys:
        """Return the keys of links."""
        return keys_of(self.downloads_key, self.downloads_key_previous)
