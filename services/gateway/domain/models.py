"""The models that clients see: one for each mode whose rules work."""

from dataclasses import dataclass

import orjson

from libs.contracts.question import Mode
from services.gateway.domain.errors import model_not_found

CREATED = 1_767_225_600  # 2026-01-01: the field must be an integer, and clients sort by it


@dataclass(frozen=True, slots=True)
class PublicModel:
    id: str
    mode: Mode

    def as_dict(self) -> dict[str, str | int]:
        return {"id": self.id, "object": "model", "created": CREATED, "owned_by": "sovereign-fleet"}


MODELS: tuple[PublicModel, ...] = (
    PublicModel("moe-orchestrator", "default"),
    PublicModel("moe-orchestrator-code", "code"),
    PublicModel("moe-orchestrator-concise", "concise"),
)
_BY_ID = {model.id: model for model in MODELS}


def find_model(model_id: str) -> PublicModel:
    """Return a model. Raises RequestRefused (404) for one that is not served."""
    if (model := _BY_ID.get(model_id)) is None:
        raise model_not_found(model_id)
    return model


def model_list_body() -> bytes:
    """Return all models as JSON."""
    return orjson.dumps({"object": "list", "data": [model.as_dict() for model in MODELS]})


def model_body(model_id: str) -> bytes:
    """Return one model as JSON. Raises RequestRefused (404)."""
    return orjson.dumps(find_model(model_id).as_dict())
