"""A new service is a folder and a line in the registry; everything else is read from its declaration."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.rules import ROOT

# The lines of existing files that a new service changes: file, text before, text after.
CHANGED = (
    ("moe/registry.py", '"journal")', '"journal", "probe")'),
    ("libs/contracts/part_kind.py", '"trace")', '"trace", "probe")'),
)
ADDED = {
    "libs/contracts/sources/probe.py": '''"""Parts that the probe measures."""

from typing import ClassVar

from libs.contracts.message import PartMessage
from libs.contracts.part_source import PartBrief, PartSource
from libs.contracts.plan import PlannedPart
from libs.contracts.topics import Placement, Topic, pipeline_topic


class MeasureDepth(PartMessage):
    """Measure a depth."""

    topics: ClassVar[tuple[Topic, ...]] = (pipeline_topic("measure-depth", Placement.PART),)
    task: str

    def summary(self) -> str:
        return self.task


def measure_depth(part: PlannedPart, _brief: PartBrief) -> MeasureDepth:
    return MeasureDepth(part=part.id, task=part.task)


SOURCE = PartSource(
    kind="probe",
    rank=20,
    service="probe",
    commands=(MeasureDepth,),
    build=measure_depth,
    offer="depths of wells",
    examples=(MeasureDepth(part="p3-0c1d2e3f", task="Depth of well 7"),),
)
''',
    "services/probe/__init__.py": "",
    "services/probe/README.md": "# probe\n\nMeasures depths.\n",
    "services/probe/settings.py": '''"""Settings of the probe."""

from typing import ClassVar

from pydantic import Field

from libs.runtime.settings import Settings as Base


class Settings(Base):
    """Shapes every finding."""

    shaped_by: ClassVar[tuple[str, ...]] = ("unit",)
    unit: str = Field("m", validation_alias="MOE_PROBE_UNIT", description="Unit of depths")
''',
    "services/probe/handlers.py": '''"""Handler of the probe."""

from dataclasses import dataclass

from libs.contracts.finding import Finding
from libs.contracts.progress import PartCompleted
from libs.contracts.sources.probe import SOURCE, MeasureDepth


@dataclass(frozen=True)
class Deps:
    unit: str


async def measure_depth(event: MeasureDepth, deps: Deps) -> PartCompleted:
    finding = Finding(text=f"The well is 417 {deps.unit} deep.", confidence="high", source="probe")
    return PartCompleted(part=event.part, part_kind=SOURCE.kind, finding=finding).after(event)
''',
    "services/probe/spec.py": '''"""Declares the probe."""

from libs.runtime.spec import Prompts, ServiceSpec
from services.probe.handlers import Deps, measure_depth
from services.probe.settings import Settings


def make_deps(settings: Settings, _prompts: Prompts, _ports: object) -> Deps:
    return Deps(settings.unit)


SPEC = ServiceSpec(name="probe", settings=Settings, deps=make_deps, handlers=(measure_depth,))
''',
    "services/probe/app.py": '''"""Opens the ports of the probe: none."""

from libs.runtime.assembly import Assembly
from services.probe.settings import Settings


def open_ports(_settings: Settings, _assembly: Assembly) -> None:
    return None
''',
}
FLOW = '''"""A question that a part of the probe answers."""

from pathlib import Path

from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.sources.probe import MeasureDepth
from libs.testing.model_server import ModelServer, PipelineOptions, pipeline_script
from moe.replay.verifying import Status
from tests.support.fleet import Stores, whole_fleet
from tests.support.recorded_messages import verdicts


async def test_a_question_reaches_the_probe_and_its_replay_says_the_same(valkey_url: str, tmp_path: Path) -> None:
    script = pipeline_script(PipelineOptions(tasks=1, categories=("probe",)))
    async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
        assert "The joint answer to #w7" in await client.answer("How deep is well 7, see #w7?")
        (command,), (end,) = client.events(MeasureDepth), client.events(PartCompleted)
        assert any(call.stage == "judge" and "The well is 417 m deep." in str(call.messages) for call in models.calls)
        found = await verdicts(client)
    assert isinstance(end, PartCompleted)
    assert (command.part_id, end.part_kind) == (end.part, "probe")
    assert [(verdict.status, verdict.differences) for verdict in found] == [(Status.VERIFIED, ())]
'''
KNOWN = """
import os
from moe.cli.context.cli_context import read_cli_context
from moe.cli.context.embedded_stores import EmbeddedSettings, choice_for, variables_before_start
from moe.cli.doctor.settings import check_settings
from moe.generate.wiring import fleet_wiring
from moe.registry import SERVICES, build_service
from moe.replay.stages import STAGES, describe_present
from libs.contracts.sources.probe import MeasureDepth
assert SERVICES[-1] == "probe"
assert list(variables_before_start(choice_for(EmbeddedSettings.read(), ("probe",)))) == ["KAFKA_URL"]
assert build_service("probe", {}).handlers
os.environ |= {"INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:1/v1"}]', "JUDGE_MODEL": "phi4:14b"}
assert check_settings(read_cli_context())[0].text == f"every setting of {len(SERVICES)} services is valid"
assert describe_present({})["probe"].settings == {"MOE_PROBE_UNIT": "m"}
assert STAGES[MeasureDepth].service == "probe"
assert {service.name for service in fleet_wiring() if MeasureDepth in service.publishes} == {"planner", "merger"}
"""
# Tests of tests, and of the state before: a new service changes neither.
OF_TESTS = ("new_service", "baseline", "assertions", "collection", "kafka_clients", "waits")


def _run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with one more service: one line of each of two existing files differs."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("libs", "moe", "services", "schemas", "docs", "deploy", "compose", "tests", "changes", "requirements"):
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    for path, text in ADDED.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    for path, old, new in CHANGED:
        before = (folder / path).read_text()
        assert before.count(old) == 1
        (folder / path).write_text(before.replace(old, new))
    return folder


def test_everything_that_knows_services_knows_a_new_one(tree: Path) -> None:
    _run(tree, "-c", KNOWN)
    assert "probe" in _run(tree, "-m", "moe", "serve", "--help")


def test_generated_pages_and_contract_tests_know_a_new_service(tree: Path) -> None:
    written = _run(tree, "-m", "moe.generate").split()
    assert {"docs/flow.md", "schemas/topics/moe.pipeline.measure-depth.v1.json"} <= set(written)
    assert "probe" in (tree / "docs/flow.md").read_text()
    tests = (path for path in sorted((tree / "tests/contract").glob("test_*.py")))
    chosen = [str(path) for path in tests if path.stem.removeprefix("test_") not in OF_TESTS]
    _run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen)


def test_a_question_reaches_a_new_service_and_is_replayed(tree: Path) -> None:
    (tree / "tests/flow/test_probe.py").write_text(FLOW)
    _run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/flow/test_probe.py")
