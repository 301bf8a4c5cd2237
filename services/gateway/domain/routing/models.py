"""The models that clients see: one for each mode whose rules work."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from libs.contracts.question import Mode
from libs.ports.identity import Caller

CREATED = 1_767_225_600  # 2026-01-01: the field must be an integer, and clients sort by it


@dataclass(frozen=True, slots=True)
class PublicModel:
    """One model. `window`: how many tokens a request to it may have, 0 where nothing bounds them."""

    id: str
    mode: Mode
    window: int = 0

    def as_dict(self) -> dict[str, str | int]:
        return {"id": self.id, "object": "model", "created": CREATED, "owned_by": "sovereign-fleet"}


MODELS: tuple[PublicModel, ...] = (
    PublicModel("moe-orchestrator", "default"),
    PublicModel("moe-orchestrator-code", "code"),
    PublicModel("moe-orchestrator-concise", "concise"),
    PublicModel("moe-orchestrator-agent", "agent"),
    PublicModel("moe-orchestrator-agent-orchestrated", "agent_orchestrated"),
    PublicModel("moe-orchestrator-plan", "plan"),
    PublicModel("moe-orchestrator-report", "report"),
)
_HIDES_REASONING: frozenset[Mode] = frozenset({"agent", "agent_orchestrated"})
_BY_ID = {model.id: model for model in MODELS}


def mode_model(model_id: str) -> PublicModel | None:
    """Return the model of a mode, None for an id that is none."""
    return _BY_ID.get(model_id)


def shows_reasoning(mode: Mode) -> bool:
    """Return whether the progress of the fleet is shown while it works; programs that act on answers want none."""
    return mode not in _HIDES_REASONING


def models_of(caller: Caller) -> tuple[PublicModel, ...]:
    """Return the models that a caller may use."""
    return tuple(model for model in MODELS if caller.grants.allow("moe_mode", model.mode))


def listed(models: Iterable[PublicModel]) -> bytes:
    """Return models as JSON."""
    return orjson.dumps({"object": "list", "data": [model.as_dict() for model in models]})


def shown(model: PublicModel) -> bytes:
    """Return one model as JSON."""
    return orjson.dumps(model.as_dict())
