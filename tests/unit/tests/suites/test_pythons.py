"""Every Python of this machine that we promise to run on compiles all our code and runs its core."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.suites.interpreters import pythons
from tests.support.paths import ROOT

COMPILE = """
import pathlib, sys, warnings
warnings.simplefilter("error")
for path in sorted(p for folder in ("libs", "services", "moe", "tools") for p in pathlib.Path(folder).rglob("*.py")):
    compile(path.read_bytes(), str(path), "exec")
import importlib
for path in sorted(pathlib.Path("libs/core").glob("*.py")):
    importlib.import_module(f"libs.core.{path.stem}")
"""


@pytest.mark.parametrize("python", pythons(), ids=lambda python: str(python.name))
def test_all_code_compiles_without_a_warning_and_the_core_can_be_imported(python: Path) -> None:
    environment = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, "-c", COMPILE], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
