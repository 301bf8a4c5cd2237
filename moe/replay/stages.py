"""The replayable stages: their handlers, and their dependencies on replayed ports."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar, cast

from libs.adapters.models.read_recording_llm import ReadRecordingLLM
from libs.contracts.answer import AnswerDrafted, MergeAnswer, WriteTrace
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message
from libs.contracts.question import QuestionAsked
from libs.contracts.stage import StageDescribed
from libs.contracts.tool import RunTool
from libs.core.clock import RecordedClock
from libs.core.reads import record_read
from libs.ports.reducer import Join
from libs.runtime.service import Handler
from libs.runtime.settings import Settings
from moe.replay.ports import NoDeltas, ReplayPorts
from services.critic import app as critic
from services.critic.handlers import check_answer
from services.critic.settings import Settings as CriticSettings
from services.expert_worker import app as expert_worker
from services.expert_worker.expert_call import Ports as ExpertOutside
from services.expert_worker.handlers import answer_t1, answer_t2
from services.expert_worker.settings import Settings as ExpertSettings
from services.mcp.handlers import Deps as ToolDeps
from services.mcp.handlers import run_tool
from services.mcp.tools.read_recording_tools import ReadRecordingTools
from services.merger import app as merger
from services.merger.domain import Request
from services.merger.handlers import merge_answer
from services.merger.settings import Settings as MergerSettings
from services.merger.trace_handler import write_trace
from services.planner import app as planner
from services.planner.handlers import draft_plan
from services.planner.settings import Settings as PlannerSettings

# Some settings require it; replays never connect to it, because their ports replace it.
NOWHERE = {"REDIS_URL": "redis://127.0.0.1:9"}
JOINER = "merger"
S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Stage:
    """One handler of a service; `make_deps` builds its deps from a stage description and ports."""

    service: str
    handler: Handler
    make_deps: Callable[[StageDescribed, ReplayPorts], object]


def recorded(outside: ReplayPorts) -> ReplayPorts:
    """Wrap ports so that they record their reads, as in a running service."""

    def nonce() -> str:
        value = outside.nonce()
        record_read("nonce", value=value)
        return value

    return replace(
        outside,
        llm=ReadRecordingLLM(outside.llm),
        clock=RecordedClock(outside.clock),
        nonce=nonce,
        tools=ReadRecordingTools(outside.tools),
    )


def join_of(described: StageDescribed) -> Join[Request]:
    """The merger's join with its recorded settings."""
    return merger.join_of(_settings(MergerSettings, described), NoDeltas())


def _planner(described: StageDescribed, outside: ReplayPorts) -> object:
    return planner.make_deps(_settings(PlannerSettings, described), described.prompts, outside.llm, outside.clock)


def _expert(described: StageDescribed, outside: ReplayPorts) -> object:
    ports = ExpertOutside(outside.llm, outside.deltas, outside.clock, outside.nonce)
    return expert_worker.make_deps(_settings(ExpertSettings, described), described.prompts, ports)


def _tools(_described: StageDescribed, outside: ReplayPorts) -> object:
    return ToolDeps(outside.tools)


def _merger(described: StageDescribed, outside: ReplayPorts) -> object:
    settings = _settings(MergerSettings, described)
    return replace(merger.make_deps(settings, described.prompts, outside.llm, outside.deltas), nonce=outside.nonce)


def _critic(described: StageDescribed, outside: ReplayPorts) -> object:
    return critic.make_deps(_settings(CriticSettings, described), described.prompts, outside.llm, outside.clock)


def _settings(kind: type[S], described: StageDescribed) -> S:
    return cast(S, _read(kind, tuple(described.settings.items())))


@lru_cache(maxsize=256)
def _read(kind: type[S], given: tuple[tuple[str, str], ...]) -> S:
    """Read settings once for all the work of a stage: reading them costs more than most of the work."""
    return kind.read(NOWHERE | dict(given))


STAGES: dict[type[Message], Stage] = {
    QuestionAsked: Stage("planner", draft_plan, _planner),
    AskExpertT1: Stage("expert-worker", answer_t1, _expert),
    AskExpertT2: Stage("expert-worker", answer_t2, _expert),
    RunTool: Stage("mcp", run_tool, _tools),
    WriteTrace: Stage("merger", write_trace, _merger),
    MergeAnswer: Stage("merger", merge_answer, _merger),
    AnswerDrafted: Stage("critic", check_answer, _critic),
}
