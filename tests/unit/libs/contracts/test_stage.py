"""A stage describes its make under an id derived from it."""

import hashlib

from libs.contracts.stage import StageDescribed, history_of_stage
from libs.core.ids import response_uuid

CRITIC = StageDescribed(stage="critic", code_version="1", settings={"JUDGE_MODEL": "a"}, prompts={"critic": "Check."})


def test_the_hash_is_that_of_the_payload() -> None:
    assert CRITIC.sha256 == hashlib.sha256(CRITIC.body()).hexdigest()


def test_the_same_make_said_twice_is_one_event() -> None:
    again = CRITIC.model_copy().introduced().envelope
    assert CRITIC.introduced().envelope == again
    assert again.response_id == history_of_stage(CRITIC.sha256)


def test_another_prompt_is_another_event() -> None:
    other = CRITIC.model_copy(update={"prompts": {"critic": "Check twice."}})
    assert StageDescribed.model_validate(other.model_dump()).introduced().envelope != CRITIC.introduced().envelope


def test_its_history_is_a_response_like_any_other() -> None:
    assert response_uuid(CRITIC.introduced().envelope.response_id).version == 8
