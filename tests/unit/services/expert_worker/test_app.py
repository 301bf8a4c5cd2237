import pytest

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message
from libs.contracts.progress import CandidateOpened, PartCompleted
from libs.core.errors import ConfigurationError
from libs.runtime.wiring import consumed_by, published_by
from moe.registry import build_service

GIVEN = {
    "REDIS_URL": "redis://127.0.0.1:1",
    "INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:1/v1"}]',
    "JUDGE_MODEL": "phi4:14b",
}


def test_building_opens_nothing_and_names_what_is_heard_and_said() -> None:
    first, second = build_service("expert-worker", GIVEN).handlers
    facts: set[type[Message]] = {CandidateOpened, PartCompleted}
    assert consumed_by(first) is AskExpertT1
    assert published_by(first) == facts | {AskExpertT1, AskExpertT2}
    assert consumed_by(second) is AskExpertT2
    assert published_by(second) == facts | {AskExpertT2}


@pytest.mark.parametrize(
    ("variable", "value"), [("REDIS_URL", "localhost"), ("EXPERT_TIMEOUT", "0"), ("EXPERT_MODELS", "{")]
)
def test_a_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        build_service("expert-worker", GIVEN | {variable: value})
