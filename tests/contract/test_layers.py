"""Imports go down only, and the import contract sees a broken layer."""

import subprocess
import sys
import tomllib
from pathlib import Path

from moe.registry import SERVICES, package_of
from tests.contract.rules import ROOT

TOOL = Path(sys.executable).parent / "lint-imports"


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def test_imports_go_down_only() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_a_service_that_imports_another_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for layer in ("core", "contracts", "ports", "runtime", "adapters", "embedded", "testing"):
        _module(tmp_path, f"libs.{layer}.__init__")
    for package in ("moe.cli", "moe.generate", "moe.replay", *map(package_of, SERVICES)):
        _module(tmp_path, f"{package}.__init__")
    for module in ("moe.__main__", "moe.registry"):
        _module(tmp_path, module)
    for module in _forbidden():
        _module(tmp_path, module)
    assert _lint(tmp_path).returncode == 0
    _module(tmp_path, "services.critic.app", "import services.merger\n")
    _module(tmp_path, "libs.core.ids", "import libs.runtime\n")
    _module(tmp_path, "moe.replay.running", "import libs.runtime.kafka.producer\n")
    result = _lint(tmp_path)
    assert result.returncode == 1
    assert "services.critic.app -> services.merger" in result.stdout
    assert "libs.core.ids -> libs.runtime" in result.stdout
    assert "moe.replay.running -> libs.runtime.kafka.producer" in result.stdout


def _forbidden() -> set[str]:
    """Own modules that a contract forbids: the tool requires them to exist."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {module for contract in contracts for module in contract.get("forbidden_modules", ())}
    return {module for module in named if module.startswith("libs.") and module.count(".") > 1}


def _module(root: Path, name: str, text: str = "") -> None:
    path = root / f"{name.replace('.', '/')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in path.relative_to(root).parents[:-1]:
        (root / folder / "__init__.py").touch()
    path.write_text(text)
