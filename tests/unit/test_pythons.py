"""Every Python of this machine that we promise to run on compiles all our code and runs its core."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
COMPILE = """
import pathlib, sys, warnings
warnings.simplefilter("error")
for path in sorted(p for folder in ("libs", "services", "tools") for p in pathlib.Path(folder).rglob("*.py")):
    compile(path.read_bytes(), str(path), "exec")
import importlib
for path in sorted(pathlib.Path("libs/core").glob("*.py")):
    importlib.import_module(f"libs.core.{path.stem}")
"""


def _version_of(python: Path) -> tuple[int, int] | None:
    shown = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
    return (int(shown.stdout.split()[0]), int(shown.stdout.split()[1])) if shown.returncode == 0 else None


def pythons() -> list[Path]:
    """Return one interpreter for each version from the oldest that we promise on, this one first."""
    folders = [Path(each) for each in os.get_exec_path()] + sorted(Path.home().glob(".pyenv/versions/*/bin"))
    found = {sys.version_info[:2]: Path(sys.executable)}
    for folder in folders:
        for python in sorted(folder.glob("python3.[0-9][0-9]")):
            if (version := _version_of(python)) is not None and version >= OLDEST:
                found.setdefault(version, python)
    return [found[version] for version in sorted(found)]


@pytest.mark.parametrize("python", pythons(), ids=lambda python: str(python.name))
def test_all_code_compiles_without_a_warning_and_the_core_can_be_imported(python: Path) -> None:
    environment = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, "-c", COMPILE], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
