from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import Usage, total_usage
from libs.contracts.progress import CandidateOpened, PartCompleted
from libs.core.errors import FleetError
from libs.ports.llm import ModelRefused, ModelUnavailable, StreamBroken
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import Answer, FakeLLM
from services.expert_worker.expert_call import Deps, EmptyAnswer
from services.expert_worker.handlers import answer_t1, answer_t2
from tests.support.expert_worker import (
    DEADLINE,
    DETAILS,
    FAST,
    LARGE,
    NOW,
    QUESTION,
    RESPONSE,
    as_t2,
    ask_t1,
    catalogue,
    deps,
    kept,
)

WORDS = " ".join(["word"] * 200)


async def said(messages: AsyncIterator[Message]) -> list[Message]:
    return [message async for message in messages]


async def part_of(ask: AskExpertT1, given: Deps) -> PartCompleted:
    last = (await said(answer_t1(ask, given)))[-1]
    assert isinstance(last, PartCompleted)
    return last


async def finding_of(answer: str | Answer, ask: AskExpertT1 | None = None) -> Finding:
    part = await part_of(ask or ask_t1(), deps(FakeLLM(answer), catalogue(tiers=1)))
    assert part.finding is not None
    return part.finding


async def test_a_confident_first_tier_completes_the_part() -> None:
    llm = FakeLLM(kept("high"))
    (part,) = await said(answer_t1(ask_t1(), deps(llm)))
    assert isinstance(part, PartCompleted)
    assert (part.part, part.part_kind, part.category, part.stream) == ("p1-ab", "expert", "technical_support", "")
    finding = part.finding
    assert finding is not None
    assert (finding.text, finding.headline, finding.confidence) == (DETAILS, "Start small.", "high")
    assert (finding.source, finding.truncated) == ("phi4:14b@gpu-1", False)
    assert llm.requests[0].ref == FAST


async def test_the_finding_records_its_model_call() -> None:
    finding = await finding_of(kept())
    (call,) = finding.calls
    assert (call.stage, call.model, call.server) == ("expert-t1", "phi4:14b", "gpu-1")
    assert call.usage == Usage(prompt_tokens=10, completion_tokens=5)


async def test_the_user_gets_the_details_whole() -> None:
    details = "\n\n".join(f"Paragraph {number}: {WORDS}" for number in range(30))
    assert (await finding_of(kept(details=details))).text == details


async def test_an_answer_that_hit_its_token_limit_says_so() -> None:
    assert (await finding_of(Answer(kept(), finish_reason="length"))).truncated


@pytest.mark.parametrize("confidence", ["medium", "low"])
async def test_a_first_tier_that_is_not_sure_asks_the_second_and_hands_over_its_finding(confidence: str) -> None:
    ask = ask_t1(candidate=True)
    (second,) = await said(answer_t1(ask, deps(FakeLLM(kept(confidence)))))
    assert isinstance(second, AskExpertT2)
    assert second.first is not None
    assert (second.first.text, second.first.confidence) == (DETAILS, confidence)
    assert (second.part, second.question, second.category, second.task) == (
        ask.part,
        ask.question,
        ask.category,
        ask.task,
    )
    assert second.candidate
    assert second.envelope.deadline_at == ask.envelope.deadline_at


async def test_without_a_second_tier_the_first_finding_is_the_result() -> None:
    assert (await finding_of(kept("low"))).confidence == "low"


@pytest.mark.parametrize("error", [ModelRefused("no such model"), ModelUnavailable("away")])
async def test_a_first_tier_that_fails_asks_the_second_without_a_finding(error: FleetError) -> None:
    (second,) = await said(answer_t1(ask_t1(), deps(FakeLLM(Answer(error=error)))))
    assert isinstance(second, AskExpertT2)
    assert second.first is None


async def test_an_empty_answer_counts_as_a_failure() -> None:
    (second,) = await said(answer_t1(ask_t1(), deps(FakeLLM("  \n"))))
    assert isinstance(second, AskExpertT2)
    with pytest.raises(EmptyAnswer, match="gpu-1"):
        await said(answer_t1(ask_t1(), deps(FakeLLM(""), catalogue(tiers=1))))


@pytest.mark.parametrize("error", [ModelRefused("no such model"), ModelUnavailable("away"), StreamBroken("cut")])
async def test_without_a_second_tier_the_failure_goes_to_the_runtime(error: FleetError) -> None:
    with pytest.raises(type(error)):
        await said(answer_t1(ask_t1(), deps(FakeLLM(Answer(error=error)), catalogue(tiers=1))))


async def test_a_stream_that_breaks_is_left_to_the_runtime_even_with_a_second_tier() -> None:
    with pytest.raises(StreamBroken):
        await said(answer_t1(ask_t1(), deps(FakeLLM(Answer("KEY_MESS", error=StreamBroken("cut"))))))


async def test_a_confident_candidate_is_streamed_from_the_first_character_of_its_details() -> None:
    deltas = FakeDeltas()
    opened, part = await said(answer_t1(ask_t1(candidate=True), deps(FakeLLM(kept()), deltas=deltas)))
    assert isinstance(opened, CandidateOpened)
    assert (opened.part, opened.confidence, opened.stream) == ("p1-ab", "high", "p1-ab.000000")
    assert isinstance(part, PartCompleted)
    assert part.stream == opened.stream
    assert deltas.text(RESPONSE, opened.stream) == DETAILS
    assert next(delta.offset for delta in deltas.written[RESPONSE]) == 0


async def test_a_candidate_opens_long_before_it_is_complete() -> None:
    llm = FakeLLM(Answer(kept(details=WORDS), error=StreamBroken("cut")))
    messages = answer_t1(ask_t1(candidate=True), deps(llm))
    assert isinstance(await anext(messages), CandidateOpened)
    with pytest.raises(StreamBroken):
        await anext(messages)


@pytest.mark.parametrize(
    "answer",
    [kept("medium"), kept("low"), kept(details="Too short."), kept(details=f"Error: {WORDS}"), WORDS],
    ids=["medium", "low", "short", "error", "no contract"],
)
async def test_a_candidate_that_is_not_confident_is_never_streamed(answer: str) -> None:
    deltas = FakeDeltas()
    messages = await said(answer_t1(ask_t1(candidate=True), deps(FakeLLM(answer), deltas=deltas)))
    assert [type(message) for message in messages] == [AskExpertT2]
    assert not deltas.written


async def test_a_candidate_of_a_question_that_is_not_streamed_writes_no_deltas() -> None:
    deltas = FakeDeltas()
    question = QUESTION.model_copy(update={"streamed": False})
    opened, part = await said(answer_t1(ask_t1(question, candidate=True), deps(FakeLLM(kept()), deltas=deltas)))
    assert isinstance(opened, CandidateOpened)
    assert isinstance(part, PartCompleted)
    assert not deltas.written


async def test_a_part_that_is_no_candidate_is_never_streamed() -> None:
    deltas = FakeDeltas()
    await said(answer_t1(ask_t1(), deps(FakeLLM(kept()), deltas=deltas)))
    assert not deltas.written


async def test_a_repeated_call_has_a_stream_of_its_own() -> None:
    given = deps(FakeLLM(kept(), kept()))
    streams = [(await said(answer_t1(ask_t1(candidate=True), given)))[0] for _ in range(2)]
    assert [opened.stream for opened in streams if isinstance(opened, CandidateOpened)] == [
        "p1-ab.000000",
        "p1-ab.000001",
    ]


async def test_without_a_delta_store_the_answer_still_comes() -> None:
    deltas = FakeDeltas()
    deltas.away = True
    _opened, part = await said(answer_t1(ask_t1(candidate=True), deps(FakeLLM(kept()), deltas=deltas)))
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.text == DETAILS


async def test_a_candidate_and_its_stream_have_the_shape_of_the_mode() -> None:
    deltas = FakeDeltas()
    question = QUESTION.model_copy(update={"mode": "code"})
    details = f"{WORDS}\n\n```py\nx = 1\n```\nThat is all there is to it."
    given = deps(FakeLLM(kept(details=details)), deltas=deltas)
    opened, part = await said(answer_t1(ask_t1(question, candidate=True), given))
    assert isinstance(opened, CandidateOpened)
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.text == deltas.text(RESPONSE, opened.stream) == "```py\nx = 1\n```"


async def test_a_part_among_others_reaches_the_judge_unshaped() -> None:
    question = QUESTION.model_copy(update={"mode": "concise"})
    assert (await finding_of(kept(details=WORDS), ask_t1(question))).text == WORDS


async def test_a_plain_ask_streams_after_forty_characters_of_bare_text() -> None:
    deltas = FakeDeltas()
    llm = FakeLLM(f"{WORDS}\n")
    opened, part = await said(answer_t1(ask_t1(candidate=True, plain=True), deps(llm, deltas=deltas)))
    assert isinstance(opened, CandidateOpened)
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert (part.finding.text, part.finding.confidence) == (WORDS, "medium")
    assert deltas.text(RESPONSE, opened.stream) == WORDS
    assert [message.role for message in llm.requests[0].messages] == ["user"]


async def test_a_short_plain_answer_is_streamed_at_its_end() -> None:
    deltas = FakeDeltas()
    opened, part = await said(answer_t1(ask_t1(candidate=True, plain=True), deps(FakeLLM("Paris."), deltas=deltas)))
    assert isinstance(opened, CandidateOpened)
    assert deltas.text(RESPONSE, opened.stream) == "Paris."
    assert isinstance(part, PartCompleted)


async def test_a_small_model_gets_the_bare_task_even_if_nobody_said_plain() -> None:
    llm, deltas = FakeLLM(WORDS), FakeDeltas()
    given = deps(llm, catalogue(tiers=1, small=True), deltas)
    (part,) = await said(answer_t1(ask_t1(candidate=True), given))
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.confidence == "medium"
    assert llm.requests[0].messages[-1].content == QUESTION.text
    assert not deltas.written


async def test_the_second_tier_asks_the_large_model() -> None:
    llm = FakeLLM(kept())
    (part,) = await said(answer_t2(as_t2(ask_t1()), deps(llm)))
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.calls[0].stage == "expert-t2"
    assert llm.requests[0].ref == LARGE


async def test_a_second_tier_that_does_not_exist_is_the_first_one() -> None:
    llm = FakeLLM(kept())
    await said(answer_t2(as_t2(ask_t1()), deps(llm, catalogue(tiers=1))))
    assert llm.requests[0].ref == FAST


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [("medium", "high", "second"), ("low", "low", "second"), ("medium", "low", "first")],
)
async def test_the_more_confident_finding_stands_and_both_calls_are_counted(
    first: str, second: str, stands: str
) -> None:
    (handed_over,) = await said(answer_t1(ask_t1(), deps(FakeLLM(kept(first, f"The first answer: {DETAILS}")))))
    assert isinstance(handed_over, AskExpertT2)
    llm = FakeLLM(kept(second, f"The second answer: {DETAILS}"))
    (part,) = await said(answer_t2(handed_over, deps(llm)))
    assert isinstance(part, PartCompleted)
    assert part.finding is not None
    assert part.finding.text.startswith(f"The {stands} answer")
    assert [call.stage for call in part.finding.calls] == ["expert-t1", "expert-t2"]
    assert total_usage(part.finding.calls) == Usage(prompt_tokens=20, completion_tokens=10)


async def test_the_second_tier_may_be_the_candidate() -> None:
    opened, part = await said(answer_t2(as_t2(ask_t1(candidate=True)), deps(FakeLLM(kept()))))
    assert isinstance(opened, CandidateOpened)
    assert isinstance(part, PartCompleted)
    assert part.stream == opened.stream


async def test_the_clients_limits_bound_the_call() -> None:
    llm = FakeLLM(kept())
    question = QUESTION.model_copy(update={"max_tokens": 77, "temperature": 0.9})
    await said(answer_t1(ask_t1(question), deps(llm)))
    assert (llm.requests[0].max_tokens, llm.requests[0].temperature) == (77, 0.9)


async def test_a_call_ends_with_the_expert_timeout_or_the_deadline() -> None:
    llm = FakeLLM(kept(), kept())
    await said(answer_t1(ask_t1(), deps(llm)))
    await said(answer_t1(ask_t1(), replace(deps(llm), timeout_s=30)))
    assert [request.timeout_s for request in llm.requests] == [DEADLINE - NOW, 30]
