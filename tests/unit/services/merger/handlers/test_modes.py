"""Answers that show their plan, reports, and the judge of a template."""

import pytest

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer, PartResult
from libs.contracts.expert import AskExpertT1
from libs.contracts.finding import Category, Finding
from libs.contracts.plan_section import plan_section
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Mode, Question, QuestionAsked
from libs.contracts.records import KnowledgeOffered
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing, StageRole
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import FakeLLM
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from tests.support.merger.join_facts import (
    ACCEPTED_AT,
    ORIGIN,
    RESPONSE_ID,
    computed,
    expert,
    found,
    log_of,
    opened,
    plan,
    tool,
)

JUDGE, OWN = ModelRef(model="magistral:24b", server="big"), ModelRef(model="own:70b", server="gpu-9")
OFFICE = StageRole(prompt="Cite the rack numbers.", model=OWN)
PREFACE = "## Plan\n\n1. **science**: task of a\n\n## Answer\n\n"


def in_mode(mode: Mode, staffing: Staffing | None = None) -> RequestOpened:
    question = Question(text="Why is the sky blue?", mode=mode)
    return RequestOpened(question=question, model="moe", accepted_at=ACCEPTED_AT, staffing=staffing).opening(ORIGIN)


def merging(
    mode: Mode = "default", judge: StageRole | None = None, *, critic: tuple[Category, ...] = ()
) -> MergeAnswer:
    finding = Finding(text="RAID joins disks.", confidence="medium", source="phi4:14b@local")
    results = (PartResult(part="b", kind="expert", task="RAID", category="science", finding=finding),)
    preface = PREFACE if mode == "plan" else ""
    question = Question(text="What is RAID?", mode=mode)
    event = MergeAnswer(question=question, results=results, critic=critic, judge=judge, preface=preface)
    return event.opening(ORIGIN)


async def merged(event: MergeAnswer, llm: FakeLLM, deltas: FakeDeltas | None = None) -> AnswerFinished | AnswerDrafted:
    prompt = JudgePrompt({"judge": "You are the judge.", "judge_report": "Use headings."}, result_chars=2400)
    return await merge_answer(event, Deps(llm, deltas or FakeDeltas(), JUDGE, prompt, timeout_s=900))


def test_a_single_experts_answer_begins_with_the_plan() -> None:
    log = log_of(in_mode("plan"), plan(expert("a")), found("a"))
    finding = found("a").finding
    assert finding is not None
    assert log.only(AnswerFinished).text == PREFACE + finding.text


def test_exact_results_begin_with_the_plan() -> None:
    log = log_of(in_mode("plan"), plan(tool("a"), source="recogniser"), computed("a"))
    assert log.only(AnswerFinished).text.startswith(plan_section((tool("a"),), "en"))


def test_the_judge_and_the_critic_are_handed_the_plan_beside_the_text() -> None:
    log = log_of(in_mode("plan"), plan(expert("a"), expert("b")), found("a"), found("b"))
    assert log.only(MergeAnswer).preface == plan_section((expert("a"), expert("b")), "en")
    log = log_of(in_mode("plan"), plan(expert("a"), critic=("medical_consult",)), found("a"))
    drafted = log.only(AnswerDrafted)
    assert drafted.preface == PREFACE
    assert "## Plan" not in drafted.text


def test_nobody_learns_the_plan() -> None:
    log = log_of(in_mode("plan"), plan(expert("a")), found("a", text="Rayleigh scattering. " * 20))
    log.fold(log.only(AnswerFinished))
    assert log.only(KnowledgeOffered).answer == "Rayleigh scattering. " * 20


@pytest.mark.parametrize("mode", ["default", "agent_orchestrated", "report"])
def test_other_modes_show_no_plan(mode: Mode) -> None:
    log = log_of(in_mode(mode), plan(expert("a"), expert("b")), found("a"), found("b"))
    assert log.only(MergeAnswer).preface == ""


def test_exact_results_of_a_report_are_put_under_a_heading() -> None:
    log = log_of(in_mode("report"), plan(tool("a"), source="recogniser"), computed("a"))
    assert log.only(AnswerFinished).text.startswith("# Report\n\n")


async def test_the_plan_is_streamed_before_the_judges_first_word() -> None:
    deltas = FakeDeltas()
    answer = await merged(merging("plan"), FakeLLM("\nRAID joins disks."), deltas)
    assert isinstance(answer, AnswerFinished)
    assert answer.text == f"{PREFACE}RAID joins disks."
    (stream,) = [delta.stream for delta in deltas.written[RESPONSE_ID] if delta.kind == "promote"]
    assert deltas.text(RESPONSE_ID, stream) == answer.text


async def test_a_judge_that_says_nothing_still_shows_the_plan() -> None:
    answer = await merged(merging("plan"), FakeLLM(" "))
    assert answer.text == f"{PREFACE}RAID joins disks."


async def test_a_draft_keeps_the_plan_away_from_the_critic() -> None:
    draft = await merged(merging("plan", critic=("legal_advisor",)), FakeLLM("RAID joins disks."))
    assert isinstance(draft, AnswerDrafted)
    assert draft.preface == PREFACE
    assert draft.text.startswith("RAID joins disks.")


async def test_a_report_that_a_judge_wrote_without_a_heading_is_given_one() -> None:
    deltas, llm = FakeDeltas(), FakeLLM("RAID joins disks.")
    answer = await merged(merging("report"), llm, deltas)
    assert answer.text == "# Report\n\nRAID joins disks."
    assert "Use headings." in llm.requests[0].messages[0].content


async def test_a_template_names_the_judge_and_adds_to_its_rules() -> None:
    llm = FakeLLM("Yes.", "Yes.")
    await merged(merging(judge=OFFICE), llm)
    await merged(merging(), llm)
    named, configured = llm.requests
    assert (named.ref, configured.ref) == (ModelRef(model="own:70b", server="gpu-9"), JUDGE)
    assert named.messages[0].content.endswith("besides:\nCite the rack numbers.")
    assert configured.messages[0].content == "You are the judge."


async def test_the_judge_of_a_template_checks_what_it_drafted() -> None:
    draft = await merged(merging(judge=OFFICE, critic=("legal_advisor",)), FakeLLM("Yes."))
    assert isinstance(draft, AnswerDrafted)
    assert draft.judge == OWN


def test_the_join_hands_a_templates_judge_and_experts_on() -> None:
    role = ExpertRole(prompt="Short waves.")
    staffing = Staffing(judge=OFFICE, experts={"science": role})
    log = log_of(in_mode("default", staffing), plan(expert("a"), expert("b", needs=("a",))), found("a"))
    assert log.only(AskExpertT1).role == role
    log.fold(found("b"))
    assert log.only(MergeAnswer).judge == OFFICE


def test_who_is_handed_the_question_gets_the_template_with_it() -> None:
    staffing = Staffing(template="racks", version=3)
    assert in_mode("default", staffing).question_asked() == QuestionAsked(
        question=in_mode("default").question, staffing=staffing
    )
    assert opened().question_asked().staffing is None
