from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.runtime.wiring import consumed_by, published_by
from moe.registry import build_service

GIVEN = {"INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:1/v1"}]', "JUDGE_MODEL": "phi4:14b"}


def test_building_opens_nothing_and_names_what_is_heard_and_said() -> None:
    (handler,) = build_service("critic", GIVEN).handlers
    assert consumed_by(handler) is AnswerDrafted
    assert list(published_by(handler)) == [AnswerFinished]
