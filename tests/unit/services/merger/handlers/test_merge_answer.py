"""The judge's answer on its way to the user, or to the critic."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

import pytest

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer, MissingPart, PartResult
from libs.contracts.finding import Finding
from libs.contracts.model_call import Usage
from libs.contracts.question import Mode, Question
from libs.contracts.staffing import ModelRef
from libs.ports.deltas import Delta
from libs.ports.llm import LLM, Completion, ModelRequest, StreamBroken, TextDelta
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import Answer, FakeLLM
from libs.testing.waiting import waiting
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from tests.support.merger.join_facts import ORIGIN, RESPONSE_ID

JUDGE = ModelRef(model="magistral:24b", server="big")
LATE = MissingPart(part="c", task="Compare both", reason="not finished in time")
NOTE = "Missing from this answer:\n- Compare both (not finished in time)"


class WatchedLLM(FakeLLM):
    """A model that pauses in the middle of its answer until its text so far can be read."""

    def __init__(self, deltas: FakeDeltas) -> None:
        super().__init__()
        self._deltas = deltas
        self.seen_before_the_end = ""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        yield TextDelta("The first words ")
        async with waiting(30), self._deltas.follow(RESPONSE_ID) as entries:
            self.seen_before_the_end = await self._first_text(entries)
        yield TextDelta("and the last.")
        yield Answer("The first words and the last.").completion(request.ref.model)

    async def _first_text(self, entries: AsyncIterator[Delta]) -> str:
        written = [delta.text for delta in self._deltas.written[RESPONSE_ID] if delta.kind == "text"]
        if written:
            return written[0]
        async for delta in entries:
            if delta.kind == "text":
                return delta.text
        return ""


@dataclass
class Merging:
    """A merger's dependencies."""

    llm: LLM
    deltas: FakeDeltas = field(default_factory=FakeDeltas)

    async def merge(self, event: MergeAnswer) -> AnswerFinished | AnswerDrafted:
        prompt = JudgePrompt({"judge": "You are the judge.", "judge_code": "Code only."}, result_chars=2400)
        return await merge_answer(event, Deps(self.llm, self.deltas, JUDGE, prompt, timeout_s=900))

    async def finish(self, event: MergeAnswer) -> AnswerFinished:
        answer = await self.merge(event)
        assert isinstance(answer, AnswerFinished)
        return answer

    async def draft(self, event: MergeAnswer) -> AnswerDrafted:
        answer = await self.merge(event)
        assert isinstance(answer, AnswerDrafted)
        return answer

    def promoted(self) -> list[str]:
        return [delta.stream for delta in self.deltas.written[RESPONSE_ID] if delta.kind == "promote"]

    def streamed(self) -> str:
        (stream,) = self.promoted()
        return self.deltas.text(RESPONSE_ID, stream)


def merge(
    *,
    mode: Mode = "default",
    missing: tuple[MissingPart, ...] = (),
    critical: bool = False,
    max_tokens: int | None = None,
    streamed: bool = True,
) -> MergeAnswer:
    question = Question(
        text="What is RAID, and 2+2?", mode=mode, max_tokens=max_tokens, temperature=0.3, streamed=streamed
    )
    tool = Finding(text="2 + 2 = 4", confidence="high", source="calculate")
    expert = Finding(text="RAID joins disks.", confidence="medium", source="phi4:14b@local")
    event = MergeAnswer(
        question=question,
        results=(
            PartResult(part="a", kind="tool", task="2+2", category=None, finding=tool),
            PartResult(part="b", kind="expert", task="RAID", category="technical_support", finding=expert),
        ),
        missing=missing,
        critic=("legal_advisor",) if critical else (),
        spent=Usage(prompt_tokens=100, completion_tokens=50),
    )
    return event.opening(ORIGIN)


async def test_the_judges_text_is_the_answer_and_streams_as_it_is_written() -> None:
    merging = Merging(FakeLLM("RAID joins disks, and 2+2 is 4."))
    answer = await merging.finish(merge())
    assert (answer.outcome, answer.text) == ("answered", "RAID joins disks, and 2+2 is 4.")
    assert merging.streamed() == answer.text
    assert answer.truncated is False


async def test_the_stream_is_promoted_once_and_before_its_first_word() -> None:
    merging = Merging(FakeLLM("RAID joins disks, and 2+2 is 4."))
    await merging.merge(merge())
    kinds = [delta.kind for delta in merging.deltas.written[RESPONSE_ID]]
    assert kinds[0] == "promote"
    assert kinds.count("promote") == 1


async def test_text_goes_out_before_the_judge_has_finished() -> None:
    deltas = FakeDeltas()
    llm = WatchedLLM(deltas)
    await Merging(llm, deltas).merge(merge())
    assert llm.seen_before_the_end == "The first words "


async def test_the_answer_to_a_question_that_is_not_streamed_is_written_to_no_stream() -> None:
    merging = Merging(FakeLLM("RAID joins disks."))
    answer = await merging.finish(merge(streamed=False))
    assert answer.text == "RAID joins disks."
    assert not merging.deltas.written


async def test_a_repeated_call_has_a_stream_of_its_own() -> None:
    merging = Merging(FakeLLM("one", "two"))
    await merging.merge(merge())
    await merging.merge(merge())
    assert len(set(merging.promoted())) == 2


async def test_a_call_that_fails_before_its_first_word_leaves_no_trace() -> None:
    merging = Merging(FakeLLM(Answer(error=StreamBroken("gone"))))
    with pytest.raises(StreamBroken):
        await merging.merge(merge())
    assert merging.deltas.written[RESPONSE_ID] == []


async def test_missing_parts_are_named_in_the_answer_and_in_its_stream() -> None:
    merging = Merging(FakeLLM("RAID joins disks."))
    answer = await merging.finish(merge(missing=(LATE,)))
    assert answer.text == f"RAID joins disks.\n\n{NOTE}"
    assert merging.streamed() == answer.text


@pytest.mark.parametrize(("missing", "partial"), [((LATE,), True), ((), False)])
async def test_an_answer_and_a_draft_with_missing_parts_are_partial(
    missing: tuple[MissingPart, ...], *, partial: bool
) -> None:
    answer = await Merging(FakeLLM("RAID joins disks.")).finish(merge(missing=missing))
    draft = await Merging(FakeLLM("You may sue.")).draft(merge(critical=True, missing=missing))
    assert [answer.partial, draft.partial] == [partial, partial]


async def test_the_record_of_the_call_travels_with_the_answer_and_the_usage_sums_all_calls() -> None:
    answer = await Merging(FakeLLM("Four.")).finish(merge())
    (call,) = answer.calls
    assert (call.stage, call.model, call.server) == ("judge", "magistral:24b", "big")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (110, 55)


async def test_sources_are_models_with_their_category_and_tools() -> None:
    answer = await Merging(FakeLLM("Four.")).finish(merge())
    assert answer.sources == ("calculate", "phi4:14b@local::technical_support")


async def test_an_answer_that_hit_the_token_limit_is_truncated() -> None:
    answer = await Merging(FakeLLM(Answer("Fo", finish_reason="length"))).finish(merge())
    assert answer.truncated


async def test_the_clients_limits_reach_the_judge() -> None:
    llm = FakeLLM("Four.")
    await Merging(llm).merge(merge(max_tokens=77))
    (request,) = llm.requests
    assert (request.ref, request.max_tokens, request.temperature, request.timeout_s) == (JUDGE, 77, 0.3, 900)


async def test_the_mode_shapes_the_answer_and_the_stream_alike() -> None:
    merging = Merging(FakeLLM("Here you are:\n```python\nx = 4\n```\nEnjoy."))
    answer = await merging.finish(merge(mode="code"))
    assert answer.text == "```python\nx = 4\n```"
    assert merging.streamed() == answer.text


async def test_an_answer_without_code_goes_out_whole_in_code_mode() -> None:
    merging = Merging(FakeLLM("There is nothing to write."))
    answer = await merging.finish(merge(mode="code"))
    assert answer.text == merging.streamed() == "There is nothing to write."


async def test_a_concise_answer_leaves_characters_for_its_note() -> None:
    merging = Merging(FakeLLM("One two three four five. " * 40))
    answer = await merging.finish(merge(mode="concise", missing=(LATE,)))
    assert len(answer.text.split()) <= 120
    assert answer.text.endswith(NOTE)


async def test_a_judge_that_says_nothing_leaves_the_best_result() -> None:
    merging = Merging(FakeLLM(" \n "))
    answer = await merging.finish(merge())
    assert answer.text == "2 + 2 = 4"
    assert merging.streamed() == answer.text


async def test_white_space_before_the_first_word_is_dropped() -> None:
    merging = Merging(FakeLLM("\n\n        Four."))
    answer = await merging.finish(merge())
    assert answer.text == merging.streamed() == "Four."


async def test_no_delta_store_is_no_reason_to_fail() -> None:
    merging = Merging(FakeLLM("Four."))
    merging.deltas.away = True
    assert (await merging.finish(merge())).text == "Four."


async def test_a_critical_answer_is_drafted_with_advice_and_nothing_of_it_goes_out() -> None:
    merging = Merging(FakeLLM("You may sue."))
    draft = await merging.draft(merge(critical=True, missing=(LATE,)))
    assert draft.text.startswith(f"You may sue.\n\n{NOTE}\n\n")
    assert "lawyer" in draft.text.splitlines()[-1]
    assert draft.categories == ("legal_advisor",)
    assert merging.deltas.written[RESPONSE_ID] == []


async def test_a_draft_brings_its_call_and_all_that_was_spent() -> None:
    draft = await Merging(FakeLLM("You may sue.")).draft(merge(critical=True))
    assert [call.stage for call in draft.calls] == ["judge"]
    assert (draft.spent.prompt_tokens, draft.spent.completion_tokens) == (110, 55)
    assert draft.sources == ("calculate", "phi4:14b@local::technical_support")


async def test_a_draft_of_nothing_is_the_best_result() -> None:
    draft = await Merging(FakeLLM("")).draft(merge(critical=True))
    assert draft.text.startswith("2 + 2 = 4\n\n")


async def test_the_answer_follows_from_its_command() -> None:
    event = merge()
    answer = await Merging(FakeLLM("Four.")).finish(event)
    assert answer.envelope.causation_id == event.envelope.event_id


async def test_a_draft_that_hit_the_token_limit_is_truncated() -> None:
    draft = await Merging(FakeLLM(Answer("You may", finish_reason="length"))).draft(merge(critical=True))
    assert draft.truncated
