"""A service is declared as data: `spec` loads no adapter and no client, and agrees with its settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from libs.runtime.settings import ModelSettings
from moe.registry import SERVICES, AnySpec, package_of, prompts_of, spec_of, specs
from moe.replay.ports import replay_ports
from moe.replay.read_player import ReadPlayer
from moe.replay.stages import REPLAYED
from tests.contract.rules import ROOT

CLIENTS = frozenset({"aiokafka", "asyncpg", "faststream", "fastapi", "httpx", "jwt", "redis", "sqlalchemy", "uvicorn"})
PROBE = """
import importlib, sys
imported = set()
sys.dont_write_bytecode = True
sys.addaudithook(lambda event, arguments: event == "import" and imported.add(arguments[0]))
importlib.import_module(sys.argv[1])
print(*imported)
"""


def imported_by(module: str, path: Path = ROOT) -> frozenset[str]:
    """Adapters and clients that an import of the module loads."""
    command = [sys.executable, "-c", PROBE, module]
    done = subprocess.run(command, cwd=path, capture_output=True, text=True, timeout=600, check=True)
    names = frozenset(done.stdout.split())
    return frozenset(name for name in names if name.startswith("libs.adapters") or name.partition(".")[0] in CLIENTS)


@pytest.mark.parametrize("name", SERVICES)
def test_a_spec_loads_no_adapter_and_no_client(name: str) -> None:
    assert imported_by(f"{package_of(name)}.spec") == frozenset()


@pytest.mark.parametrize("module", ["libs.adapters.valkey.deltas", "httpx"])
def test_a_spec_that_loads_an_adapter_or_a_client_is_found(module: str, tmp_path: Path) -> None:
    (tmp_path / "spec_of_a_service.py").write_text(f"import {module}\n")
    assert module in imported_by("spec_of_a_service", tmp_path)


def test_a_spec_has_the_name_that_the_registry_knows() -> None:
    assert tuple(spec.name for spec in specs()) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_declares_the_systems_that_its_settings_require(name: str) -> None:
    spec = spec_of(name)
    required = {field for field, info in spec.settings.model_fields.items() if info.is_required()}
    assert spec.needs.valkey == ("redis_url" in required)
    assert issubclass(spec.settings, ModelSettings) or not spec.needs.llm


@pytest.mark.parametrize("spec", REPLAYED, ids=lambda spec: spec.name)
def test_a_stage_is_replayed_from_the_settings_that_shape_it(spec: AnySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:1/v1"}]', "JUDGE_MODEL": "phi4:14b"}
    for variable in ("REDIS_URL", "MOE_BOOTSTRAP_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    settings = spec.settings.read_shaping(given)
    assert spec.deps(settings, prompts_of(spec.name), replay_ports(ReadPlayer(()))) is not None
