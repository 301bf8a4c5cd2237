"""Content of a request that fits a window."""

import pytest

from libs.contracts.question import Question, Turn
from libs.contracts.staffing import ModelRef
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.routing import decide
from services.gateway.domain.routing.call_options import CallOptions
from services.gateway.domain.routing.decide import ToFleet, ToModel, fit_to_window, window_of
from services.gateway.pipeline.dispatch import fit_context_window

REF = ModelRef(model="m", server="gpu-1")
HUNDRED_WORDS = "word " * 100
TOOL = {"type": "function", "function": {"name": "look", "description": HUNDRED_WORDS, "parameters": {}}}


def ask(text: str = "Hi", **fields: object) -> InferenceRequest:
    return CHAT.read({"model": "claude", "messages": [{"role": "user", "content": text}], **fields})


def to_model(window: int, prompt: str = "", max_tokens: int = 0) -> ToModel:
    return ToModel("claude", REF, "tools", CallOptions(prompt, max_tokens, window=window))


def to_fleet(window: int, *turns: str, text: str = "Why?", instructions: str = "") -> ToFleet:
    history = tuple(Turn(speaker="user", text=turn) for turn in turns)
    return ToFleet("claude", Question(text=text, history=history, instructions=instructions), window=window)


def refusal(decision: ToFleet | ToModel, of: InferenceRequest | None = None) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        fit_to_window(of or ask(), decision)
    return caught.value


def history(decision: ToFleet) -> list[str]:
    made = fit_to_window(ask(), decision)
    assert isinstance(made, ToFleet)
    return [turn.text for turn in made.question.history]


def answer_bound(decision: ToModel, of: InferenceRequest) -> int:
    made = fit_to_window(of, decision)
    assert isinstance(made, ToModel)
    return made.options.max_tokens


def test_what_is_too_long_for_one_model_is_refused_with_the_figures() -> None:
    error = refusal(to_model(50), ask(HUNDRED_WORDS)).error
    assert (error.status, error.code, error.param) == (400, "context_length_exceeded", "messages")
    assert error.message == "prompt is too long: 104 tokens > 50 maximum"


def test_tools_and_the_profiles_own_words_take_tokens_too() -> None:
    assert answer_bound(to_model(120), ask()) > 100
    assert "prompt is too long" in str(refusal(to_model(120), ask(tools=[TOOL])))
    assert "prompt is too long" in str(refusal(to_model(100, prompt=HUNDRED_WORDS), ask()))


def test_the_answer_gets_what_is_left_of_the_window() -> None:
    assert answer_bound(to_model(200), ask(HUNDRED_WORDS)) == 96
    assert answer_bound(to_model(200, max_tokens=60), ask(HUNDRED_WORDS)) == 60
    assert answer_bound(to_model(200, max_tokens=500), ask(HUNDRED_WORDS)) == 96


def test_of_a_conversation_for_the_fleet_the_newest_turns_that_fit_stay() -> None:
    assert history(to_fleet(1000, HUNDRED_WORDS, "new")) == [HUNDRED_WORDS, "new"]
    assert history(to_fleet(80, HUNDRED_WORDS, "new")) == ["new"]
    assert history(to_fleet(7, HUNDRED_WORDS, "new")) == []


def test_the_turns_of_a_long_conversation_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return 1

    monkeypatch.setattr(decide, "text_tokens", count)
    assert len(history(to_fleet(1000, *("a" for _ in range(500))))) == 198
    assert len(counted) <= 501


def test_a_question_that_alone_is_too_long_is_refused() -> None:
    assert "prompt is too long: 104 tokens > 80 maximum" in str(refusal(to_fleet(80, text=HUNDRED_WORDS)))
    assert "> 80 maximum" in str(refusal(to_fleet(80, instructions=HUNDRED_WORDS)))


async def test_without_a_window_nothing_is_counted() -> None:
    decision = to_fleet(0, HUNDRED_WORDS)
    assert (window_of(decision), await fit_context_window(ask(), decision)) == (0, decision)


async def test_large_requests_are_bounded_as_small_ones_are() -> None:
    with pytest.raises(RequestRefused, match="tokens > 50 maximum"):
        await fit_context_window(ask("word " * 20_000), to_model(50))


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


@pytest.mark.parametrize("part", [{"type": "text", "text": HUNDRED_WORDS}, IMAGE])
def test_parts_of_a_message_are_counted(part: dict[str, object]) -> None:
    parts = CHAT.read({"model": "claude", "messages": [{"role": "user", "content": [part]}]})
    assert "> 50 maximum" in str(refusal(to_model(50), parts))
