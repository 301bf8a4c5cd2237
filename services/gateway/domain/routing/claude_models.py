"""The model ids of Claude clients that are served here."""

from dataclasses import dataclass
from typing import Self

CLAUDE_CODE_MODELS = (
    "claude-opus-5-5,claude-sonnet-5-5,claude-haiku-5-5,claude-opus-4-6,claude-sonnet-4-6,"
    "claude-opus-4-5-20251101,claude-sonnet-4-5-20250929,claude-haiku-4-5-20251001,claude-*"
)


@dataclass(frozen=True, slots=True)
class ModelIds:
    """Model ids; an id that ends in `*` matches all ids with that prefix."""

    named: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, *words: str) -> Self:
        """Parse ids; blank ones are ignored."""
        patterns = [word.strip() for word in words if word.strip()]
        beginnings = tuple(word.removesuffix("*") for word in patterns if word.endswith("*"))
        return cls(tuple(dict.fromkeys(word for word in patterns if not word.endswith("*"))), beginnings)

    def entry_of(self, model_id: str) -> str:
        """The entry that matches an id, a prefix with its `*`; the longest match, empty for none."""
        if model_id in self.named:
            return model_id
        return max((f"{start}*" for start in self.beginnings if model_id.startswith(start)), key=len, default="")

    def __contains__(self, model_id: object) -> bool:
        return isinstance(model_id, str) and (model_id in self.named or model_id.startswith(self.beginnings))
