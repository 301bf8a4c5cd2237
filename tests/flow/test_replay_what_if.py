"""`--what-if` and `--at` read a recorded request, and change nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from libs.contracts.answer import AnswerFinished, MergeAnswer
from libs.contracts.progress import PartCompleted, PlanDrafted, RequestOpened
from libs.contracts.staffing import ModelRef
from libs.core.clock import SystemClock
from libs.ports.llm import ModelRequest
from libs.ports.model_calls import prompt_sha256
from libs.testing.fake_llm import Answer, FakeLLM
from libs.testing.model_server import ModelServer, pipeline_script
from moe.cli.replay.report import contrast_lines, view_lines
from moe.replay.descriptions import Descriptions, hashes_in, load
from moe.replay.diff import answer_diff, diff_events
from moe.replay.forensic import View, look_at
from moe.replay.records import History, ReplayRecord, history_of
from moe.replay.what_if import OtherModel, WhatIf, what_if_ports
from tests.support.fleet import SIGNER, Stores, whole_fleet
from tests.support.recorded_messages import Kept, journal_of
from tests.support.scenes import SCENES, played, settled

PLAN = '{"tasks": [{"id": "t1", "category": "general", "task": "Say it", "needs": []}]}'
FOUND = "KEY_MESSAGE: Other\nCONFIDENCE: high\nDETAILS: A wholly different text that is long enough to be opened here."


class Remembering(FakeLLM):
    """A model that repeats its recorded answer to every prompt."""

    def __init__(self, said: Mapping[str, str]) -> None:
        super().__init__()
        self._said = said

    def _next(self, request: ModelRequest) -> Answer:
        self.requests.append(request)
        return Answer(self._said[prompt_sha256(request)])


async def test_another_model_gives_another_answer_and_nothing_is_written(valkey_url: str, tmp_path: Path) -> None:
    async with played(SCENES["three experts are merged"], valkey_url, tmp_path) as client:
        journal = journal_of(client)
        history, descriptions = await _read(journal)
        before = client.broker.records()
        llm = FakeLLM(PLAN, FOUND)
        what_if = await _supposed(history, descriptions, llm)
        assert client.broker.records() == before
    found = diff_events(history.records, what_if.published)
    changes = {contrast.event.schema_name(): contrast.change for contrast in found}
    assert changes["plan-drafted.v1"] == "changed"
    assert changes["merge-answer.v1"] == "gone"
    assert changes["question-asked.v1"] == "same"
    assert [request.ref.model for request in llm.requests] == ["other:1b", "other:1b"]
    lines = list(answer_diff(history.records, what_if.published))
    assert any(line.startswith("+A wholly different text") for line in lines)
    assert any(line.startswith("-The joint answer") for line in lines)
    assert any(line.startswith("- merge-answer.v1") for line in contrast_lines(found, lines, as_json=False))


async def test_the_same_models_give_the_same_answer(valkey_url: str, tmp_path: Path) -> None:
    """The models are really called: with the same replies to the same prompts, all persistent records are the same."""
    async with ModelServer(pipeline_script()) as models:
        async with whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
            await client.answer("How large should connection pools be, see #w1?")
            await settled(client)
            history, descriptions = await _read(journal_of(client))
        llm = Remembering(_answers_in(history.records))
        what_if = await _supposed(history, descriptions, llm)
    found = diff_events(history.records, what_if.published)
    assert {contrast.change for contrast in found} == {"same"}
    assert list(answer_diff(history.records, what_if.published)) == []
    assert len(llm.requests) == 5


async def test_a_model_that_fails_now_is_part_of_the_answer(valkey_url: str, tmp_path: Path) -> None:
    async with played(SCENES["a candidate is promoted"], valkey_url, tmp_path) as client:
        history, descriptions = await _read(journal_of(client))
    what_if = await _supposed(history, descriptions, FakeLLM(PLAN, Answer(" ")))
    (end,) = (message for message in what_if.published if isinstance(message, AnswerFinished))
    assert end.failure is not None
    assert end.failure.code == "empty_answer"


async def test_a_record_is_shown_with_the_prompt_that_led_to_it(valkey_url: str, tmp_path: Path) -> None:
    async with played(SCENES["three experts are merged"], valkey_url, tmp_path) as client:
        history, descriptions = await _read(journal_of(client))
    number = _number_of(history, PartCompleted)
    view = await look_at(history, descriptions, number)
    assert view is not None
    assert view.described is not None
    assert view.described.stage == "expert-worker"
    assert view.described.settings["JUDGE_MODEL"] == "scripted:7b"
    (prompt,) = view.prompts
    assert prompt.matches_record
    assert prompt_sha256(prompt.request) == prompt.recorded_sha256
    assert "How large should connection pools be" in prompt.request.messages[-1].content
    text = "\n".join(view_lines(view, as_json=False))
    assert "as recorded" in text
    assert "[system]" in text
    assert '"kind": "clock"' in text


async def test_what_the_join_knew_before_a_record_is_shown(valkey_url: str, tmp_path: Path) -> None:
    async with played(SCENES["three experts are merged"], valkey_url, tmp_path) as client:
        history, descriptions = await _read(journal_of(client))
    at_the_plan = await look_at(history, descriptions, _number_of(history, PlanDrafted))
    at_the_merge = await look_at(history, descriptions, _number_of(history, MergeAnswer))
    assert (_ended(at_the_plan), _ended(at_the_merge)) == (0, 3)
    assert await look_at(history, descriptions, 999) is None


def _ended(view: View | None) -> int:
    assert view is not None
    assert view.state is not None
    return len(view.state.ended)


def _number_of(history: History, kind: type) -> int:
    return next(said.index for said in history.records if isinstance(said.message, kind))


def _answers_in(said: Sequence[ReplayRecord]) -> dict[str, str]:
    """Model answers of a history, by prompt: concurrent parts may end in any order."""
    reads = [read for each in said for read in each.reads if read.kind == "model"]
    return {str(read.values["prompt"]): str(read.values["text"]) for read in reads}


async def _read(journal: Kept) -> tuple[History, Descriptions]:
    (response_id,) = journal.requests()
    history = history_of(await journal.history(response_id), SIGNER)
    return history, await load(journal, hashes_in(history))


async def _supposed(history: History, descriptions: Descriptions, llm: FakeLLM) -> WhatIf:
    opened = next(said.message for said in history.records if isinstance(said.message, RequestOpened))
    makes = {described.stage: described for described in descriptions.values()}
    other = OtherModel(llm, ModelRef(model="other:1b", server="scripted"))
    what_if = WhatIf(makes, what_if_ports(other, SystemClock()))
    await what_if.run(opened)
    return what_if
