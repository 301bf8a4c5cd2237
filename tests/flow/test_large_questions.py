"""A question of 128 k tokens passes unshortened through planner, experts and merger."""

from pathlib import Path

from libs.contracts.answer import MergeAnswer
from libs.contracts.expert import AskExpertT1
from libs.contracts.question import QuestionAsked
from libs.testing.model_server import ModelServer
from tests.support.fleet import Stores, whole_fleet

TOKENS = 128 * 1024
WORD = (
    "go "  # a token of most models, with the space before it: 128 k of them are just below the limit of 400,000 bytes
)
KINDS = (QuestionAsked, AskExpertT1, MergeAnswer)
FIRST, LAST = "How large should connection pools be, see #x1? ", "And the last word is zebra."


async def test_a_question_of_128_k_tokens_is_answered_from_all_of_it(valkey_url: str, tmp_path: Path) -> None:
    question = FIRST + WORD * TOKENS + LAST
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
        answer = await client.answer(question)
        stages = {kind: [event for event in client.events() if isinstance(event, kind)] for kind in KINDS}
    assert "The joint answer to #x1" in answer
    for kind, events in stages.items():
        assert events, kind
        assert all(event.question.text == question for event in events)
    sent = {call.stage: call.messages for call in models.calls}
    assert {stage for stage, messages in sent.items() if question in "".join(each.content for each in messages)} == {
        "planner",
        "expert",
        "judge",
    }


async def test_a_question_above_the_limit_is_refused_before_the_fleet_hears_of_it(
    valkey_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
        response = await client.ask(WORD * (TOKENS + 10_000))
        assert (response.status_code, response.json()["error"]["code"]) == (400, "context_length_exceeded")
        assert client.events() == []
