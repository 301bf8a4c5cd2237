"""A configured but unused model is checked like a used one."""

import pytest

from libs.contracts.staffing import ModelRef
from libs.ports.identity import Caller, Grants
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.routing.decide import check_model
from services.gateway.domain.routing.direct_models import DirectModels
from services.gateway.domain.routing.model_resolver import ModelResolver

DEFAULT = ModelRef(model="judge", server="gpu-1")
MODELS = DirectModels(DEFAULT, DEFAULT, None, frozenset({"gpu-1"}))
GRANTED = Caller(
    "acme", "ann", "k1", grants=Grants(frozenset({("moe_mode", "default"), ("model_endpoint", "judge@gpu-1")}))
)


@pytest.mark.parametrize("model", ["moe-orchestrator", "judge@gpu-1"])
def test_what_is_granted_may_be_used(model: str) -> None:
    check_model(model, GRANTED, MODELS, ModelResolver())


@pytest.mark.parametrize(
    ("model", "status"),
    [("moe-orchestrator-fast", 404), ("judge@gpu-9", 404), ("other@gpu-1", 403), ("llama9", 404)],
)
def test_what_is_not_is_refused(model: str, status: int) -> None:
    with pytest.raises(RequestRefused) as caught:
        check_model(model, GRANTED, MODELS, ModelResolver())
    assert caught.value.error.status == status


def test_a_mode_needs_its_grant() -> None:
    with pytest.raises(RequestRefused) as caught:
        check_model("moe-orchestrator", Caller("acme", "ann", "k1", grants=Grants()), MODELS, ModelResolver())
    assert caught.value.error.status == 403
