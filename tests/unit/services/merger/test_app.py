"""The merger as it is assembled."""

import pytest

from libs.contracts.answer import MergeAnswer
from libs.contracts.topics import PROGRESS
from libs.core.errors import ConfigurationError
from moe.registry import build_service
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from services.merger.settings import Settings
from services.merger.trace_handler import write_trace
from tests.support.merger.join_facts import expert, found, opened, plan, schemas

GIVEN = {
    "INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:9/v1"}]',
    "JUDGE_MODEL": "magistral:24b",
    "REDIS_URL": "redis://127.0.0.1:9",
}


def test_it_hears_its_two_commands_and_joins_the_progress_topic() -> None:
    service = build_service("merger", GIVEN)
    assert (service.name, service.handlers) == ("merger", (merge_answer, write_trace))
    assert [join.topic for join in service.joins] == [PROGRESS]


def test_the_judge_has_its_prompts_and_limits() -> None:
    deps = build_service("merger", GIVEN | {"MAX_EXPERT_OUTPUT_CHARS": "99", "JUDGE_TIMEOUT": "7"}).deps
    assert isinstance(deps, Deps)
    assert (deps.judge.model, deps.timeout_s) == ("magistral:24b", 7)
    assert isinstance(deps.prompt, JudgePrompt)
    assert deps.prompt.result_chars == 99
    rules, _ = deps.prompt.render(MergeAnswer(question=opened().question, results=()))
    assert rules.content.startswith("You are the judge")


def test_the_join_offers_answers_above_the_configured_length() -> None:
    (join,) = build_service("merger", GIVEN | {"CACHE_MIN_RESPONSE_LEN": "3"}).joins
    step = join.advance(None, opened())
    for fact in (plan(expert("a")), found("a", "four")):
        step = join.advance(step.state, fact)
    (end,) = step.messages
    assert "knowledge-offered.v1" in schemas(join.advance(step.state, end).messages)


@pytest.mark.parametrize("address", [None, "http://127.0.0.1:6379", "127.0.0.1:6379"])
def test_a_wrong_store_address_is_one_line_that_names_the_variable(address: str | None) -> None:
    given = {name: value for name, value in GIVEN.items() if name != "REDIS_URL"}
    with pytest.raises(ConfigurationError, match=r"^REDIS_URL: [^\n]+$"):
        Settings.read(given if address is None else given | {"REDIS_URL": address})
