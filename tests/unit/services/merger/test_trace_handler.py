"""The judge weighs what arrived."""

from libs.adapters.files.prompts import read_prompts
from libs.contracts.answer import MergeAnswer, PartResult, WriteTrace
from libs.contracts.finding import Finding
from libs.contracts.question import Question
from libs.contracts.staffing import ModelRef, StageRole
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import FakeLLM
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps
from services.merger.trace_handler import write_trace
from tests.support.merger.join_facts import ORIGIN

PROMPT = JudgePrompt(read_prompts("services.merger"), result_chars=2400)
QUESTION = Question(text="Why is the sky blue?", temperature=0.5)
RESULTS = tuple(
    PartResult(
        part=part,
        kind="expert",
        task="Explain the blue.",
        category="science",
        finding=Finding(text=f"view of {part}", confidence="high", source=f"{part}@local"),
    )
    for part in ("a", "b")
)


def deps(llm: FakeLLM) -> Deps:
    return Deps(llm, FakeDeltas(), ModelRef(model="magistral:24b", server="local"), PROMPT, timeout_s=7)


def asked(judge: StageRole | None = None, question: Question = QUESTION) -> WriteTrace:
    return WriteTrace(part="trace", question=question, results=RESULTS, judge=judge).opening(ORIGIN)


async def test_the_notes_end_the_part_with_the_call_that_they_took() -> None:
    end = await write_trace(asked(), deps(FakeLLM(" They agree. ")))
    assert (end.part, end.part_kind) == ("trace", "trace")
    assert end.finding is not None
    assert (end.finding.text, end.finding.source) == ("They agree.", "magistral:24b@local")
    assert [call.stage for call in end.finding.calls] == ["trace"]


async def test_the_model_is_told_to_weigh_and_sees_what_a_judge_sees() -> None:
    llm = FakeLLM("x")
    await write_trace(asked(), deps(llm))
    (request,) = llm.requests
    rules, material = request.messages
    assert rules.content.splitlines()[0] == "You are the thinker of Sovereign Fleet."
    assert "in English, 300 words" in rules.content
    assert "view of a" in material.content
    assert "<question>\nWhy is the sky blue?" in material.content
    assert (request.timeout_s, request.temperature) == (7, 0.5)


async def test_a_template_names_who_weighs_and_by_which_words() -> None:
    llm = FakeLLM("x")
    await write_trace(asked(StageRole(prompt="Cite.", model=ModelRef(model="own:70b", server="gpu-1"))), deps(llm))
    (request,) = llm.requests
    assert request.ref == ModelRef(model="own:70b", server="gpu-1")
    assert request.messages[0].content.endswith("Cite.")


def test_the_judge_reads_the_notes_and_is_told_what_they_are() -> None:
    rules, material = PROMPT.render(MergeAnswer(question=QUESTION, results=RESULTS, trace="They agree."))
    assert "<reasoning>\nThey agree.\n</reasoning>" in material.content
    assert "<reasoning> holds notes" in rules.content


def test_a_judge_without_notes_is_told_nothing_of_them() -> None:
    rules, material = PROMPT.render(MergeAnswer(question=QUESTION, results=RESULTS))
    assert "reasoning>" not in rules.content + material.content


def test_opinions_on_one_task_are_told_to_be_such() -> None:
    _, material = PROMPT.render(MergeAnswer(question=QUESTION, results=RESULTS))
    assert material.content.count("(confidence: high, one of 2 independent opinions on this task)") == 2
