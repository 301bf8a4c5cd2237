"""The settings of who reads or writes the journal's database."""

from libs.adapters.journal.cipher import JournalSecrets
from libs.adapters.postgres.settings import DatabaseSettings
from libs.runtime.settings import LogSettings
from libs.runtime.settings.keys import JournalKeySettings


class JournalSettings(DatabaseSettings, JournalKeySettings, LogSettings):
    """Where the journal is, and the keys of what is in it."""

    @property
    def secrets(self) -> JournalSecrets:
        """Return the keys that the journal is written and read with. Raises ConfigurationError."""
        return JournalSecrets(self.passwords, self.journal_keys)
