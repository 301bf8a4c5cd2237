"""Code that a package would run in every process is found before any process of the environment runs."""

import py_compile
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

ROOT = Path(__file__).parents[3]
SHIM = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); \n"
)
EDITABLE = "import __editable___sovereign_fleet_0_1_0_finder; __editable___sovereign_fleet_0_1_0_finder.install()"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "environment" / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "distutils-precedence.pth").write_text(SHIM)
    (folder / "__editable__.sovereign_fleet-0.1.0.pth").write_text(EDITABLE)
    (folder / "__editable___sovereign_fleet_0_1_0_finder.py").write_text("")
    (folder / "_distutils_hack" / "__pycache__").mkdir(parents=True)
    for name in ("__init__.py", "override.py"):
        (folder / "_distutils_hack" / name).write_text("")
    return folder


def check(environment: Path) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "tools" / "check_startup_files.py")
    return subprocess.run(
        [sys.executable, "-I", "-S", script, str(environment)], capture_output=True, text=True, check=False
    )


def test_an_environment_with_the_known_files_passes(packages: Path) -> None:
    assert check(packages.parents[2]).returncode == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("litellm_init.pth", "import os, subprocess; subprocess.Popen(['id'])\n"),
        ("paths.pth", "/tmp/elsewhere\n"),
        ("tabbed.pth", "import\tsys\n"),
        ("distutils-precedence.pth", SHIM + "import evil\n"),
        ("distutils-precedence.pth", SHIM.strip() + " import evil\n"),
        ("__editable__.sovereign_fleet-0.1.0.pth", "import evil; " + EDITABLE),
        ("hidden.pth", "# a comment\rimport evil\r"),
        ("sitecustomize.py", ""),
        ("usercustomize.cpython-311-x86_64-linux-gnu.so", ""),
        ("package.start", "package:run\n"),
        (".pth", "import evil\n"),
        (".hidden.pth", "import evil\n"),
        (".start", "package:run\n"),
        ("_distutils_hack.py", ""),
        ("_distutils_hack/__init__.abi3.so", ""),
        ("_distutils_hack/evil.py", ""),
        ("__editable___sovereign_fleet_0_1_0_finder/__init__.py", ""),
        ("__editable___sovereign_fleet_0_1_0_finder.abi3.so", ""),
    ],
)
def test_a_file_that_runs_at_start_is_rejected_by_name(packages: Path, name: str, text: str) -> None:
    path = packages / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    result = check(packages.parents[2])
    assert result.returncode == 1
    assert name in result.stderr


def test_an_environment_package_folder_is_rejected(packages: Path) -> None:
    (packages / "sitecustomize").mkdir()
    assert check(packages.parents[2]).returncode == 1


@pytest.mark.parametrize("mode", [PycInvalidationMode.UNCHECKED_HASH, PycInvalidationMode.CHECKED_HASH])
@pytest.mark.parametrize("module", ["_distutils_hack/__init__.py", "__editable___sovereign_fleet_0_1_0_finder.py"])
def test_bytecode_that_its_source_need_not_match_is_rejected(
    packages: Path, module: str, mode: PycInvalidationMode
) -> None:
    source = packages / module
    py_compile.compile(str(source), invalidation_mode=PycInvalidationMode.TIMESTAMP)
    assert check(packages.parents[2]).returncode == 0
    written = py_compile.compile(str(source), invalidation_mode=mode)
    result = check(packages.parents[2])
    assert result.returncode == 1
    assert str(written) in result.stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("home = /usr/bin\ninclude-system-site-packages = false\n", ""),
        ("home = {environment}/share/bin\n", "home is inside"),
        ("Home={environment}\n", "home is inside"),
        ("home = /usr/bin\ninclude-system-site-packages = TRUE\n", "packages of the system"),
    ],
)
def test_a_configuration_that_brings_other_code_is_rejected(packages: Path, text: str, problem: str) -> None:
    environment = packages.parents[2]
    (environment / "pyvenv.cfg").write_text(text.format(environment=environment))
    result = check(environment)
    assert (result.returncode, problem in result.stderr) == (bool(problem), True)


@pytest.mark.parametrize("name", ["python", "python3", "python3.11"])
def test_another_file_in_the_place_of_the_interpreter_is_rejected(packages: Path, name: str) -> None:
    environment, home = packages.parents[2], packages.parents[2].parent / "home"
    for folder in (environment / "bin", home):
        folder.mkdir()
        (folder / name).write_text("the interpreter")
    (environment / "pyvenv.cfg").write_text(f"home = {home}\n")
    assert check(environment).returncode == 0
    (environment / "bin" / name).write_text("#!/bin/sh\n")
    result = check(environment)
    assert result.returncode == 1
    assert f"bin/{name}: " in result.stderr


def test_a_folder_without_packages_is_no_proof(tmp_path: Path) -> None:
    assert check(tmp_path).returncode == 1
