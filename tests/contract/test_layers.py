"""Imports go down only, and the import contract sees a broken layer."""

import subprocess
import sys
import tomllib
from pathlib import Path

from services.cli.registry import SERVICES, package_of
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
        _module(tmp_path / "libs" / layer / "__init__.py")
    _module(tmp_path / "libs" / "__init__.py")
    for package in (
        "services",
        "services.cli",
        "services.generate",
        "services.replaying",
        *(package_of(name) for name in SERVICES),
    ):
        _module(tmp_path / package.replace(".", "/") / "__init__.py")
    _module(tmp_path / "services" / "__main__.py")
    for module in _forbidden():
        _module(tmp_path / f"{module.replace('.', '/')}.py")
    assert _lint(tmp_path).returncode == 0
    _module(tmp_path / "services" / "critic" / "app.py", "import services.merger\n")
    _module(tmp_path / "libs" / "core" / "ids.py", "import libs.runtime\n")
    _module(tmp_path / "services" / "replaying" / "running.py", "import libs.runtime.kafka_producer\n")
    result = _lint(tmp_path)
    assert result.returncode == 1
    assert "services.critic.app -> services.merger" in result.stdout
    assert "libs.core.ids -> libs.runtime" in result.stdout
    assert "services.replaying.running -> libs.runtime.kafka_producer" in result.stdout


def _forbidden() -> set[str]:
    """Return our own modules that some contract forbids to somebody: the tool wants them to exist."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {module for contract in contracts for module in contract.get("forbidden_modules", ())}
    return {module for module in named if module.startswith("libs.") and module.count(".") > 1}


def _module(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
