"""Secrets of the journal: passwords of its roles, and the roots of its keys."""

from dataclasses import dataclass, field

from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys
from libs.runtime.settings.role_passwords import PasswordSource


@dataclass(frozen=True, slots=True)
class JournalSecrets:
    """`passwords` open the database; `keys` protect its content."""

    passwords: PasswordSource = field(repr=False)
    keys: RootKeys = field(repr=False)

    @property
    def masters(self) -> tuple[bytes, ...]:
        """Root secrets of the tenants' keys, the current one first. Raises ConfigurationError without any."""
        if not self.keys.current:
            raise ConfigurationError("MOE_JOURNAL_KEY: not set; the journal's keys are derived from it")
        return tuple(key.encode() for key in self.keys.all)
