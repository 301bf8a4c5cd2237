"""Description of a stage, published once for each make. Replays look it up by its hash."""

import hashlib
from functools import cached_property
from typing import ClassVar, Self

from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.topics import AUDIT, Topic
from libs.core.ids import SYSTEM_TENANT, system_response_id


class StageDescribed(Message):
    """A stage with everything that shapes what it says: code, settings by variable (no secrets), prompts by file name.

    Its messages carry `sha256` among their reads. Equal makes have equal ids, so that saying it again adds nothing.
    """

    topics: ClassVar[tuple[Topic, ...]] = (AUDIT,)
    stage: str
    code_version: str
    settings: dict[str, str]
    prompts: dict[str, str]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 (hex) of the payload."""
        return hashlib.sha256(self.body()).hexdigest()

    @property
    def part_id(self) -> str:
        return self.sha256

    def introduced(self) -> Self:
        """Return this message bound to the history that `history_of_stage` names; it belongs to no request."""
        return self.opening(Origin(history_of_stage(self.sha256), SYSTEM_TENANT))

    def summary(self) -> str:
        return f"{self.stage} {self.code_version}, {len(self.prompts)} prompts"


def history_of_stage(sha256: str) -> str:
    """Response id under which the stage with this hash is stored."""
    return system_response_id(f"stage/{sha256}")
