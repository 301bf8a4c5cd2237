"""Imports go down only, in the repository and in each service, and the contracts find each broken rule."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from moe.registry import SERVICES, package_of
from tests.contract.rules import ROOT

TOOL = Path(sys.executable).parent / "lint-imports"
PROJECT = (ROOT / "pyproject.toml").read_text()
CONTRACTS = tomllib.loads(PROJECT)["tool"]["importlinter"]["contracts"]
_IGNORED = re.compile(r"^ignore_imports = \[\n(.*?)^\]\n", re.DOTALL | re.MULTILINE)
# Imports that a contract ignores. These numbers may only fall; import-linter rejects an entry that matches nothing.
IGNORED = {
    "A service is layered": 1,
    "Only the assembly of a service imports adapters": 13,
}
BROKEN = {
    "a service imports another": ("services.critic.app", "import services.merger", "services.merger"),
    "the core imports the runtime": ("libs.core.ids", "import libs.runtime", "libs.runtime"),
    "the HTTP edge imports an adapter": ("libs.http.body", "import libs.adapters", "libs.adapters"),
    "an adapter imports an operation": ("libs.adapters.web", "import libs.operations", "libs.operations"),
    "an operation parses options": ("libs.operations.keys", "import click", "click"),
    "a replay writes": (
        "moe.replay.running",
        "import libs.runtime.kafka.producer",
        "libs.runtime.kafka.producer",
    ),
    "a handler imports the app": ("services.critic.handlers", "import services.critic.app", "services.critic.app"),
    "settings import the pipeline": (
        "services.gateway.settings",
        "import services.gateway.pipeline",
        "services.gateway.pipeline",
    ),
    "a domain imports a handler": (
        "services.critic.domain.verdict",
        "import services.critic.handlers",
        "services.critic.handlers",
    ),
    "a handler imports an adapter": ("services.critic.handlers", "import libs.adapters.web", "libs.adapters.web"),
    "a domain imports the runtime": (
        "services.critic.domain.verdict",
        "import libs.runtime.wiring",
        "libs.runtime.wiring",
    ),
    "a domain draws": ("services.critic.domain.verdict", "import secrets", "secrets"),
    "a domain reads the clock": ("services.critic.domain.verdict", "from time import time", "time"),
    "a domain waits": ("services.critic.domain.verdict", "import asyncio", "asyncio"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def test_imports_go_down_only() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_contracts_ignore_no_more_imports_than_before() -> None:
    ignored = {contract["name"]: len(contract.get("ignore_imports", ())) for contract in CONTRACTS}
    assert {name: count for name, count in ignored.items() if count} == IGNORED


def test_each_ignored_import_is_one_import_with_a_reason() -> None:
    lists = _IGNORED.findall(PROJECT)
    assert len(lists) == len(IGNORED)
    assert all(entries.lstrip().startswith("# ") for entries in lists)
    assert "*" not in "".join(lists)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Every module that a contract names, without an import."""
    (tmp_path / "pyproject.toml").write_text(_IGNORED.sub("", PROJECT))
    for layer in ("core", "contracts", "ports", "runtime", "adapters", "http", "operations", "embedded", "testing"):
        _module(tmp_path, f"libs.{layer}.__init__")
    for package in ("moe.cli", "moe.generate", "moe.replay", *map(package_of, SERVICES)):
        _module(tmp_path, f"{package}.__init__")
    for module in ("moe.__main__", "moe.registry", "libs.adapters.web", "libs.runtime.wiring"):
        _module(tmp_path, module)
    for service in map(package_of, SERVICES):
        for layer in ("app", "spec", "api.__init__", "handlers", "pipeline.__init__", "settings", "domain.verdict"):
            _module(tmp_path, f"{service}.{layer}")
    for module in _named():
        _module(tmp_path, f"{module}.__init__")
    return tmp_path


def test_a_sound_tree_keeps_every_contract(sound: Path) -> None:
    result = _lint(sound)
    assert result.returncode == 0, result.stdout


def test_each_broken_rule_is_found(sound: Path) -> None:
    for module, line, _ in BROKEN.values():
        with _path(sound, module).open("a") as file:
            file.write(f"{line}\n")
    _module(sound, "libs.ports.a", "import libs.ports.b\n")
    _module(sound, "libs.ports.b", "import libs.ports.a\n")
    found = " ".join(_lint(sound).stdout.split())
    missed = [case for case, (module, _, name) in BROKEN.items() if f"{module} -> {name} (l." not in found]
    assert missed == []
    assert "No cycles are allowed in libs.ports." in found


def _named() -> set[str]:
    """Own modules that a contract names: the tool requires them to exist."""
    keys = ("forbidden_modules", "protected_modules", "allowed_importers")
    named = {module for contract in CONTRACTS for key in keys for module in contract.get(key, ())}
    own = {module for module in named if module.startswith(("libs.", "services.")) and "*" not in module}
    return own - {"libs.adapters", "libs.embedded", "libs.operations", "libs.runtime", "libs.testing"}


def _path(root: Path, name: str) -> Path:
    return root / f"{name.replace('.', '/')}.py"


def _module(root: Path, name: str, text: str = "") -> None:
    path = _path(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in path.relative_to(root).parents[:-1]:
        (root / folder / "__init__.py").touch()
    path.write_text(text)
