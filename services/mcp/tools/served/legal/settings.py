"""The setting of the mirror of laws."""

from pathlib import Path

from pydantic import Field

from libs.runtime.settings import InstanceSettings

NOT_SET = "MOE_LAWS_DIR is not set: there is no mirror of laws (`moe laws download` makes one)"
PORTAL = "https://www.gesetze-im-internet.de"


class LawsSettings(InstanceSettings):
    """Where the laws are."""

    laws_dir: str = Field(
        "",
        validation_alias="MOE_LAWS_DIR",
        description="Mirror of the law portal: a folder with `xml.zip` per law, created by `moe laws download`",
    )

    @property
    def laws_index(self) -> Path:
        """Path of the index of abbreviations and titles, stored between runs."""
        return self.data_dir / "laws-index.json"
