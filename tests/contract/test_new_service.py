"""A new service is a folder and a line in the registry; everything else is read from its declaration."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.rules import ROOT

REGISTRY = "moe/registry.py"
FILES = {
    "__init__.py": "",
    "README.md": "# probe\n\nCounts calls that clients cancel.\n",
    "settings.py": '''"""Settings of the probe."""

from libs.runtime.settings import Settings as Base


class Settings(Base):
    """The probe has no settings of its own."""
''',
    "handlers.py": '''"""Handler of the probe."""

from dataclasses import dataclass, field

from libs.contracts.direct import DirectCancelled


@dataclass(frozen=True)
class Deps:
    seen: list[str] = field(default_factory=list)


async def note_cancelled(event: DirectCancelled, deps: Deps) -> None:
    deps.seen.append(event.envelope.response_id)
''',
    "spec.py": '''"""Declares the probe."""

from libs.contracts.topics import REQUEST_CANCELLED
from libs.runtime.spec import ServiceSpec, TailSpec, ports_as_deps
from services.probe.handlers import Deps, note_cancelled
from services.probe.settings import Settings

SPEC: ServiceSpec[Settings, Deps, Deps] = ServiceSpec(
    name="probe", settings=Settings, deps=ports_as_deps, tails=(TailSpec(REQUEST_CANCELLED, note_cancelled),)
)
''',
    "app.py": '''"""Opens the ports of the probe."""

from libs.runtime.assembly import Assembly
from services.probe.handlers import Deps
from services.probe.settings import Settings


def open_ports(_settings: Settings, _assembly: Assembly) -> Deps:
    return Deps()
''',
}
KNOWN = """
from moe.cli.context.embedded_stores import EmbeddedSettings, choice_for, variables_before_start
from moe.cli.fleet.preflight import check_services
from moe.generate.wiring import fleet_wiring
from moe.registry import SERVICES, build_service
from moe.replay.stages import describe_present
assert SERVICES[-1] == "probe"
assert list(variables_before_start(choice_for(EmbeddedSettings.read(), ("probe",)))) == ["KAFKA_URL"]
assert build_service("probe", {}).tails[0].topic.name
assert describe_present({})["probe"].stage == "probe"
assert "probe" in {service.name for service in fleet_wiring()}
"""


def _run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with one more service: one line of an existing file differs."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("libs", "moe", "services", "schemas", "docs", "deploy", "compose", "tests", "changes", "requirements"):
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    probe = folder / "services/probe"
    probe.mkdir()
    for name, text in FILES.items():
        (probe / name).write_text(text)
    registry = folder / REGISTRY
    before = registry.read_text()
    registry.write_text(before.replace('"journal")', '"journal", "probe")', 1))
    changed = [line for line in registry.read_text().splitlines() if line not in before.splitlines()]
    assert len(changed) == 1
    return folder


def test_everything_that_knows_services_knows_a_new_one(tree: Path) -> None:
    _run(tree, "-c", KNOWN)
    assert "probe" in _run(tree, "-m", "moe", "serve", "--help")


def test_generated_pages_and_contract_tests_know_a_new_service(tree: Path) -> None:
    assert "docs/flow.md" in _run(tree, "-m", "moe.generate").split()
    assert "probe" in (tree / "docs/flow.md").read_text()
    tests = ("names", "messages", "layers", "generated", "imports", "specs")
    _run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/contract/test_{name}.py" for name in tests))
