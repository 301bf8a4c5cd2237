"""An expert as a template wants it, and in the modes that shape a text."""

import pytest

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.progress import CandidateOpened, PartCompleted
from libs.contracts.question import Question, Turn
from libs.contracts.staffing import ExpertRole, ModelRef
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import FakeLLM
from services.expert_worker.domain.prompt import max_tokens_of
from services.expert_worker.handlers import answer_t1, answer_t2
from tests.support.expert_worker import DETAILS, LARGE, PROMPT, QUESTION, RESPONSE, as_t2, ask_t1, deps, kept

ROLE = ExpertRole(prompt="You know our racks by heart.")
OWN, BIG = ModelRef(model="own:8b", server="gpu-9"), ModelRef(model="own:70b", server="gpu-8")


def with_role(role: ExpertRole, ask: AskExpertT1 | None = None) -> AskExpertT1:
    ask = ask or ask_t1()
    return ask.model_copy(update={"role": role}).bound(ask.envelope)


async def messages_of(ask: AskExpertT1, llm: FakeLLM) -> list[object]:
    return [message async for message in answer_t1(ask, deps(llm))]


def test_the_words_of_a_template_stand_in_place_of_the_role_and_the_contract_stays() -> None:
    system, _ = PROMPT.render(with_role(ROLE), plain=False)
    first, _, rest = system.content.partition("\n\n")
    assert first == "You are the technical_support expert of Sovereign Fleet."
    assert rest.startswith("You know our racks by heart.\n\nReply in exactly this form")
    assert "operations engineer" not in system.content


async def test_the_models_of_a_template_are_asked_in_both_tiers() -> None:
    llm = FakeLLM(kept("low"), kept())
    (escalated,) = await messages_of(with_role(ExpertRole(fast=(OWN,), large=(BIG,))), llm)
    assert isinstance(escalated, AskExpertT2)
    assert escalated.role == ExpertRole(fast=(OWN,), large=(BIG,))
    [_ async for _ in answer_t2(escalated, deps(llm))]
    assert [request.ref for request in llm.requests] == [
        ModelRef(model="own:8b", server="gpu-9"),
        ModelRef(model="own:70b", server="gpu-8"),
    ]


async def test_a_template_that_names_no_model_leaves_the_configured_ones() -> None:
    llm = FakeLLM(kept())
    [_ async for _ in answer_t2(as_t2(with_role(ROLE)), deps(llm))]
    assert [request.ref for request in llm.requests] == [LARGE]


@pytest.mark.parametrize(
    ("client", "template", "bound"), [(None, 0, None), (50, 0, 50), (None, 70, 70), (50, 70, 50), (90, 70, 70)]
)
def test_the_smaller_bound_on_tokens_holds(client: int | None, template: int, bound: int | None) -> None:
    question = QUESTION.model_copy(update={"max_tokens": client})
    assert max_tokens_of(with_role(ExpertRole(max_tokens=template), ask_t1(question))) == bound


def test_of_a_long_conversation_the_newest_turns_that_fit_the_window_are_shown() -> None:
    turns = tuple(Turn(speaker="user", text=f"{letter * 1000}") for letter in "abc")
    ask = ask_t1(Question(text="And now?", history=turns))
    _, material = PROMPT.render(with_role(ExpertRole(prompt="x", context_window=1200), ask), plain=False)
    assert "a" * 1000 not in material.content
    assert "b" * 1000 in material.content
    assert "c" * 1000 in material.content
    _, material = PROMPT.render(ask, plain=False)
    assert "a" * 1000 in material.content


async def test_the_preface_is_streamed_before_a_candidate_and_is_no_part_of_the_finding() -> None:
    ask, deltas = ask_t1(candidate=True), FakeDeltas()
    ask = ask.model_copy(update={"preface": "## Plan\n\n"}).bound(ask.envelope)
    opened, part = [message async for message in answer_t1(ask, deps(FakeLLM(kept()), deltas=deltas))]
    assert isinstance(opened, CandidateOpened)
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.text == DETAILS
    assert deltas.text(RESPONSE, opened.stream) == f"## Plan\n\n{DETAILS}"


async def test_an_expert_among_others_has_four_sentences_where_it_has_to_be_short() -> None:
    sentences = [f"Sentence number {word} is here." for word in ("one", "two", "three", "four", "five", "six")]
    question = QUESTION.model_copy(update={"mode": "concise"})
    (part,) = await messages_of(ask_t1(question), FakeLLM(kept(details=" ".join(sentences))))
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.text == " ".join(sentences[:4])


async def test_a_report_of_one_expert_begins_with_a_heading() -> None:
    question = QUESTION.model_copy(update={"mode": "report", "language": "de"})
    deltas = FakeDeltas()
    given = deps(FakeLLM(kept()), deltas=deltas)
    opened, part = [message async for message in answer_t1(ask_t1(question, candidate=True), given)]
    assert isinstance(opened, CandidateOpened)
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.text == deltas.text(RESPONSE, opened.stream) == f"# Bericht\n\n{DETAILS}"


@pytest.mark.parametrize("mode", ["agent", "code", "concise", "report"])
def test_every_mode_with_rules_tells_them_to_the_expert(mode: str) -> None:
    question = QUESTION.model_copy(update={"mode": mode})
    system, _ = PROMPT.render(ask_t1(question), plain=False)
    assert PROMPT.texts[f"mode_{mode}"].strip() in system.content
