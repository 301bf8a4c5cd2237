"""Questions that go through the whole fleet, and their records on the log."""

from contextlib import aclosing
from pathlib import Path

import pytest

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.model_call import ModelCall
from libs.contracts.progress import CandidateOpened, PartCompleted, PlanDrafted, RequestOpened
from libs.contracts.records import KnowledgeOffered, RequestLogged
from libs.contracts.tool import RunTool
from libs.testing.model_server import Fault, ModelServer, PipelineOptions, Reply, Rule, pipeline_script
from libs.testing.model_server.pipeline import expert_text, judge_text
from tests.support.fleet import Frame, Stores, whole_fleet

QUESTION = "How large should connection pools be, see #{}?"


def _stores(models: ModelServer, valkey_url: str, data_dir: Path, **extra: str) -> Stores:
    return Stores(models.url, valkey_url, data_dir, extra)


async def test_three_experts_are_merged_into_one_answer(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        response = await client.ask(QUESTION.format("a1"))
        assert "The joint answer to #a1" in response.json()["choices"][0]["message"]["content"]
        assert [len(client.events(kind)) for kind in (PlanDrafted, AskExpertT1, PartCompleted)] == [1, 3, 3]
        assert len({message.envelope.response_id for message in client.events()}) == 1
        stages = sorted(call.stage for call in models.calls)
        assert stages == ["expert", "expert", "expert", "judge", "planner"]


async def test_usage_is_the_sum_of_all_model_calls(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        usage = (await client.ask(QUESTION.format("u1"))).json()["usage"]
        events = client.events()
        findings = [event.finding for event in events if isinstance(event, PartCompleted) and event.finding]
        told = [call for each in (*events, *findings) for call in getattr(each, "calls", ())]
        calls = {call.id: call.usage for call in told if isinstance(call, ModelCall)}  # ends stand on two topics
        logged = await client.event(RequestLogged)
    assert isinstance(logged, RequestLogged)
    assert len(models.calls) == len(calls) == 5
    assert set(logged.calls) == set(calls)
    assert usage["total_tokens"] == sum(each.prompt_tokens + each.completion_tokens for each in calls.values())


async def test_every_request_is_logged_and_worthy_answers_are_offered(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        text = await client.answer(QUESTION.format("k1"))
        logged = await client.event(RequestLogged)
        offered = await client.event(KnowledgeOffered)
    assert isinstance(logged, RequestLogged)
    assert isinstance(offered, KnowledgeOffered)
    assert (logged.answer, offered.answer, logged.outcome) == (text, text, "answered")
    assert len(logged.expert_models_used) == 3


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is the broadcast address of 172.20.128.0/19?", "172.20.159.255"),
        ("How many days from 2024-01-15 to 2024-03-10?", "55"),
        ("Was sind 15 % von 119,99?", "17,9985"),
    ],
)
async def test_exact_questions_are_answered_without_a_model(
    question: str, value: str, valkey_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path), tools=True) as client:
        assert value in await client.answer(question)
        assert models.calls == ()
        assert len(client.events(RunTool)) == 1


async def test_the_words_of_a_single_confident_expert_come_while_it_speaks(valkey_url: str, tmp_path: Path) -> None:
    speaking = Rule(Reply(text=expert_text, fault=Fault("stall", after=40)), stage="expert")
    script = (speaking, *pipeline_script(PipelineOptions(tasks=1)))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        async with aclosing(client.stream(QUESTION.format("s1"))) as frames:
            heard = await anext(frame.content async for frame in frames if frame.content)
            assert client.events(PartCompleted) == []
        assert heard.startswith("The general view of #s1")


async def test_a_single_confident_expert_streams_straight_through(valkey_url: str, tmp_path: Path) -> None:
    script = pipeline_script(PipelineOptions(tasks=1, piece_delay_s=0.02))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        frames = [frame async for frame in client.stream(QUESTION.format("s1"))]
        assert client.events(MergeAnswer) == []
        assert len(client.events(CandidateOpened)) == 1
        assert [call.stage for call in models.calls] == ["planner", "expert"]
    _assert_complete(frames)
    assert "".join(frame.content for frame in frames).startswith("The general view of #s1")


async def test_a_merged_answer_is_streamed_while_it_is_written(valkey_url: str, tmp_path: Path) -> None:
    said = "The joint answer to #m1: start with small bounded pools, "
    writing = Rule(Reply(text=judge_text, fault=Fault("stall", after=len(said.split()))), stage="judge")
    async with (
        ModelServer((writing, *pipeline_script())) as models,
        whole_fleet(_stores(models, valkey_url, tmp_path)) as client,
    ):
        async with aclosing(client.stream(QUESTION.format("m1"))) as frames:
            heard = await anext(frame.content async for frame in frames if frame.content)
            assert client.events(AnswerFinished) == []
        assert said.startswith(heard)


async def test_a_merged_answer_is_streamed_to_its_end(valkey_url: str, tmp_path: Path) -> None:
    script = pipeline_script(PipelineOptions(piece_delay_s=0.02))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        frames = [frame async for frame in client.stream(QUESTION.format("m1"))]
    _assert_complete(frames)
    assert sum(bool(frame.content) for frame in frames) > 3
    assert any(frame.reasoning for frame in frames)


async def test_medical_answers_are_checked_before_a_word_is_sent(valkey_url: str, tmp_path: Path) -> None:
    script = pipeline_script(PipelineOptions(tasks=1, categories=("medical_consult",)))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        frames = [frame async for frame in client.stream(QUESTION.format("d1"))]
        drafts = client.events(AnswerDrafted)
        assert [call.stage for call in models.calls] == ["planner", "expert", "critic"]
    assert len(drafts) == 1
    assert isinstance(drafts[0], AnswerDrafted)
    text = "".join(frame.content for frame in frames)
    assert text == drafts[0].text
    assert "doctor" in text.splitlines()[-1]
    _assert_complete(frames)


async def test_a_critic_that_objects_replaces_the_text(valkey_url: str, tmp_path: Path) -> None:
    objection = Rule(Reply(text="Never combine these two. The earlier dose was wrong."), stage="critic")
    script = (objection, *pipeline_script(PipelineOptions(tasks=1, categories=("medical_consult",))))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        text = await client.answer(QUESTION.format("d2"))
    assert text.startswith("Never combine these two.")
    assert "doctor" in text.splitlines()[-1]


async def test_an_unsure_first_tier_is_followed_by_the_second(valkey_url: str, tmp_path: Path) -> None:
    experts = (
        '{"general": [{"model": "small:7b", "endpoint": "scripted"}, {"model": "large:70b", "endpoint": "scripted"}]}'
    )
    script = pipeline_script(PipelineOptions(tasks=1, confidence="medium"))
    stores = Stores("", valkey_url, tmp_path, {"EXPERT_MODELS": experts})
    async with ModelServer(script) as models:
        stores = _stores(models, valkey_url, tmp_path, EXPERT_MODELS=experts)
        async with whole_fleet(stores) as client:
            await client.answer(QUESTION.format("t1"))
            assert len(client.events(AskExpertT2)) == 1
            asked = [call.model for call in models.calls if call.stage == "expert"]
    assert asked == ["small:7b", "large:70b"]


async def test_a_small_model_is_asked_plainly_and_streams_through(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models:
        server = f'[{{"name":"tiny","url":"{models.url}","api_type":"openai","small":true}}]'
        async with whole_fleet(_stores(models, valkey_url, tmp_path, INFERENCE_SERVERS=server)) as client:
            frames = [frame async for frame in client.stream(QUESTION.format("p1"))]
            plans = client.events(PlanDrafted)
            assert len(models.calls) == 1
    assert isinstance(plans[0], PlanDrafted)
    assert plans[0].source == "rule"
    assert "#p1" in "".join(frame.content for frame in frames)
    _assert_complete(frames)


async def test_the_log_begins_with_the_opened_request_and_ends_once(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        await client.answer(QUESTION.format("l1"))
        await client.event(RequestLogged)
        events = client.events()
    assert isinstance(events[0], RequestOpened)
    ends = {event.envelope.event_id for event in events if isinstance(event, AnswerFinished)}
    assert len(ends) == 1


def _assert_complete(frames: list[Frame]) -> None:
    assert not any(frame.error for frame in frames)
    assert [frame.finish for frame in frames if frame.finish] == ["stop"]
    assert [frame.done for frame in frames][-1:] == [True]
    assert sum(bool(frame.usage) for frame in frames) == 1
