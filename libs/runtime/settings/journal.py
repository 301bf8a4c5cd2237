"""Settings of services that read or write the journal."""

from libs.runtime.settings import LogSettings
from libs.runtime.settings.database import DatabaseSettings
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.runtime.settings.keys import JournalKeySettings


class JournalSettings(DatabaseSettings, JournalKeySettings, LogSettings):
    """Location of the journal, and the keys of its content."""

    @property
    def secrets(self) -> JournalSecrets:
        return JournalSecrets(self.passwords, self.journal_keys)
