"""Reject installed files that Python would execute at every start: `.pth` lines, `sitecustomize`, `usercustomize`.

A compromised package can run code in every process of an environment without ever being imported. Run this with
another Python and `-I -S`, so that nothing of the environment runs before it is checked:

    python3 -I -S tools/check_startup_files.py .venv
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Each line of code that may stand in a `.pth` file, by the name of the file.
ALLOWED = {
    "distutils-precedence.pth": re.compile(
        r"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, 'local'\) == 'local'; "
        r"enabled and __import__\('_distutils_hack'\)(\.add_shim\(\))?;?"
    ),
    "__editable__.sovereign_fleet-0.1.0.pth": re.compile(
        r"import __editable___sovereign_fleet_0_1_0_finder; __editable___sovereign_fleet_0_1_0_finder\.install\(\)"
    ),
}
# The modules that these lines import, with their only files: a package, or an extension module, would precede a `.py`.
_IMPORTED = {
    "_distutils_hack": {"_distutils_hack/__init__.py", "_distutils_hack/override.py", "_distutils_hack/__pycache__"},
    "__editable___sovereign_fleet_0_1_0_finder": {"__editable___sovereign_fleet_0_1_0_finder.py"},
}
_FOLDERS = ("lib/python*/site-packages", "lib64/python*/site-packages", "Lib/site-packages")
_MODULES = ("sitecustomize", "usercustomize")
_INTERPRETER = re.compile(r"python[0-9.]*")


def findings(environment: Path) -> Iterator[str]:
    """Yield one line for each file that would run or redirect code at start. An environment without packages is one."""
    folders = [folder for pattern in _FOLDERS for folder in environment.glob(pattern)]
    if not folders:
        yield f"{environment}: no site-packages found"
    for folder in folders:
        for path in sorted(folder.iterdir()):
            yield from _of_entry(path)
        yield from _of_bytecode(folder)
    yield from _of_interpreter(environment)


def _of_entry(path: Path) -> Iterator[str]:
    module = path.name.partition(".")[0]
    if path.name.endswith(".start") or module in _MODULES:
        yield f"{path}: runs code at every start"
    if path.name.endswith(".pth"):  # also one without a stem, which some versions of Python read
        yield from (f"{path}: {line.strip()[:200]!r}" for line in _lines(path) if not _is_allowed(path, line))
    if module in _IMPORTED:
        files = path.iterdir() if path.is_dir() else (path,)
        unknown = (file for file in files if str(file.relative_to(path.parent)) not in _IMPORTED[module])
        yield from (f"{file}: precedes or extends a module that is imported at every start" for file in unknown)


def _of_bytecode(folder: Path) -> Iterator[str]:
    """Bytecode of these modules that Python would run whatever the source and its time are (PEP 552)."""
    for module in sorted(_IMPORTED):
        for path in (*folder.glob(f"__pycache__/{module}.*"), *folder.glob(f"{module}/__pycache__/*")):
            if path.is_dir() or path.read_bytes()[4:8] != bytes(4):
                yield f"{path}: runs at every start, whatever its source is; Python writes deleted ones anew"


def _of_interpreter(environment: Path) -> Iterator[str]:
    """A package can install files outside its folder: a configuration with another standard library, or a `python`."""
    root, configuration = environment.resolve(), environment / "pyvenv.cfg"
    text = configuration.read_text("utf-8", "replace") if configuration.is_file() else ""
    told = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition("=") for line in text.splitlines())
    }
    home = Path(told.get("home", "/"))
    if root in (home.resolve(), *home.resolve().parents):
        yield f"{configuration}: its home is inside the environment"
    if told.get("include-system-site-packages", "false").lower() != "false":
        yield f"{configuration}: includes the packages of the system, which are not checked"
    for path in sorted(environment.glob("bin/python*")):
        if (
            _INTERPRETER.fullmatch(path.name)
            and root in path.resolve().parents
            and not _is_copy(path, home / path.name)
        ):
            yield f"{path}: is not the interpreter of the environment's home"


def _is_copy(path: Path, original: Path) -> bool:
    return path.is_file() and original.is_file() and path.read_bytes() == original.read_bytes()


def _lines(path: Path) -> list[str]:
    # Python itself reads these files in UTF-8 or the locale's encoding; no byte may hide a line from us.
    return path.read_bytes().decode("latin-1").splitlines()


def _is_allowed(path: Path, line: str) -> bool:
    if not line.strip() or line.startswith("#"):
        return True
    allowed = ALLOWED.get(path.name)
    return allowed is not None and allowed.fullmatch(line.strip()) is not None


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write("usage: check_startup_files.py ENVIRONMENT\n")
        return 2
    found = list(findings(Path(sys.argv[1])))
    for line in found:
        sys.stderr.write(f"unexpected start-up file: {line}\n")
    if found:
        sys.stderr.write("Remove the environment, find the package that brought the file, and report it.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
