"""A service is put together from its declaration and from what its app opens."""

from contextlib import nullcontext
from dataclasses import dataclass

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.record import Record
from libs.contracts.topics import ANSWER_FINISHED, REQUEST_CANCELLED
from libs.runtime.assembly import Assembly
from libs.runtime.service import Service
from libs.runtime.settings import ModelSettings, Settings
from libs.runtime.spec import Prompts, ServiceSpec, TailSpec


@dataclass(frozen=True)
class Opened:
    partition: int


@dataclass(frozen=True)
class Deps:
    opened: Opened
    prompt: str
    stored: list[Record]


async def deliver(event: AnswerFinished, deps: Deps) -> None:
    pass


async def store(record: Record, deps: Deps) -> None:
    deps.stored.append(record)


def make_deps(_settings: Settings, prompts: Prompts, ports: Opened) -> Deps:
    return Deps(ports, prompts["probe"], [])


def own(ports: Opened) -> int:
    return ports.partition


SPEC: ServiceSpec[Settings, Opened, Deps] = ServiceSpec(
    name="probe",
    settings=Settings,
    deps=make_deps,
    tails=(TailSpec(ANSWER_FINISHED, deliver, own), TailSpec(REQUEST_CANCELLED, deliver)),
    sinks=(store,),
)
PROMPTS = {"probe": "Probe."}


def assembled(assembly: Assembly | None = None) -> Service:
    return (assembly or Assembly()).service(SPEC, Settings.read(), PROMPTS, Opened(5))


def test_a_tail_reads_the_partition_that_its_ports_name() -> None:
    tails = [(tail.topic, tail.partition) for tail in assembled().tails]
    assert tails == [(ANSWER_FINISHED, 5), (REQUEST_CANCELLED, 0)]


def test_resources_are_entered_in_the_order_in_which_they_were_added() -> None:
    assembly = Assembly()
    first, second, third = nullcontext(1), nullcontext(2), nullcontext(3)
    assert assembly.open(first) is first
    assembly.add((second,))
    assembly.open(third)
    assert assembled(assembly).resources == (first, second, third)


async def test_a_sink_stores_with_the_dependencies_of_its_service() -> None:
    service, record = assembled(), Record("topic", 0, 0, 0, None, (), b"")
    assert isinstance(service.deps, Deps)
    await service.sinks[0].store(record)
    assert service.deps.stored == [record]


def test_a_service_describes_itself_with_its_prompts() -> None:
    described = assembled().described
    assert described is not None
    assert (described.stage, described.prompts) == ("probe", PROMPTS)


def test_settings_that_shape_nothing_do_not_exist_in_a_replay() -> None:
    settings = ModelSettings.read_shaping({"JUDGE_MODEL": "phi4:14b", "MOE_MAX_CONCURRENT_COMMANDS": "none"})
    assert settings.judge_model == "phi4:14b"
    with pytest.raises(AttributeError):
        settings.max_concurrent_commands  # noqa: B018
