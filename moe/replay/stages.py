"""The replayable stages, read from the declarations of services: their handlers and joins on replayed ports."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from libs.adapters.models.read_recording_llm import ReadRecordingLLM
from libs.contracts.message import Message
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import PROGRESS
from libs.core.clock import RecordedClock
from libs.core.reads import record_read
from libs.ports.reducer import Join
from libs.runtime.service import Handler
from libs.runtime.settings import Settings
from libs.runtime.wiring import consumed_by
from moe.registry import AnySpec, prompts_of, spec_of, specs
from moe.replay.ports import ReplayPorts, replay_ports
from moe.replay.read_player import ReadPlayer
from services.mcp.tools.read_recording_tools import ReadRecordingTools

REPLAYED = tuple(spec for spec in specs() if spec.replayed)


@dataclass(frozen=True)
class Stage:
    """One handler of a service."""

    spec: AnySpec
    handler: Handler

    @property
    def service(self) -> str:
        return self.spec.name

    def make_deps(self, described: StageDescribed, ports: ReplayPorts) -> object:
        """The handler's dependencies from a recorded description."""
        return self.spec.deps(_settings(self.spec, described), described.prompts, ports)


STAGES: Mapping[type[Message], Stage] = {
    consumed_by(handler): Stage(spec, handler) for spec in REPLAYED for handler in spec.handlers
}
_JOINER, _JOIN = next((spec, join) for spec in REPLAYED for join in spec.joins if join.topic is PROGRESS)
JOINER = _JOINER.name


def join_of(described: StageDescribed) -> Join[Any]:
    """The join of requests with its recorded settings."""
    return _JOIN.build(_settings(_JOINER, described), replay_ports(ReadPlayer(())))


def describe_present(given: Mapping[str, str]) -> dict[str, StageDescribed]:
    """The stages as the environment and `given` variables describe them now, by service."""
    return {spec.name: spec.describe(spec.settings.read_shaping(given), prompts_of(spec.name)) for spec in REPLAYED}


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


def _settings(spec: AnySpec, described: StageDescribed) -> Settings:
    return _read(spec.name, tuple(described.settings.items()))


@lru_cache(maxsize=256)
def _read(service: str, given: tuple[tuple[str, str], ...]) -> Settings:
    """Read settings once for all the work of a stage: reading them costs more than most of the work."""
    kind: type[Settings] = spec_of(service).settings
    return kind.read_shaping(dict(given))
