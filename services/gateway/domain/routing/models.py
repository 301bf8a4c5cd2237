"""The models that clients see: one for each mode whose rules work."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from libs.contracts.question import Mode
from libs.ports.identity import Caller

CREATED = 1_767_225_600  # 2026-01-01: the field must be an integer, and clients sort by it


@dataclass(frozen=True, slots=True)
class PublicModel:
    """One model. `window` is the maximum number of tokens of a request, 0: unbounded."""

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
    """None for an id that is no mode's."""
    return _BY_ID.get(model_id)


def shows_reasoning(mode: Mode) -> bool:
    """True when streams of the mode show the progress of the fleet; programs that act on answers want none."""
    return mode not in _HIDES_REASONING


def models_of(caller: Caller) -> tuple[PublicModel, ...]:
    """List the mode models that the caller is granted."""
    return tuple(model for model in MODELS if caller.grants.allow("moe_mode", model.mode))


def listed(models: Iterable[PublicModel]) -> bytes:
    return orjson.dumps({"object": "list", "data": [model.as_dict() for model in models]})


def shown(model: PublicModel) -> bytes:
    return orjson.dumps(model.as_dict())
