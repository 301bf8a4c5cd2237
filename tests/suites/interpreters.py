"""The Pythons of this machine, and why each can be tested with or not."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OLDEST: Final = (3, 11)
_PROBE: Final = "import sys, ensurepip; print(*sys.version_info[:3])"
_PROBE_WITHIN_S: Final = 60.0


@dataclass(frozen=True)
class Interpreter:
    """A program `python3.N`. `version` is () if it does not run; `problem` is the reason why it is left out."""

    path: Path
    version: tuple[int, ...] = ()
    problem: str = ""

    @property
    def name(self) -> str:
        """Version without its last part, as in `3.12`."""
        return ".".join(map(str, self.version[:2]))


def interpreter_folders() -> list[Path]:
    """Folders of PATH, and those of every version that pyenv has installed: its shims run one of them."""
    return [*map(Path, os.get_exec_path()), *sorted(Path.home().glob(".pyenv/versions/*/bin"))]


def find_interpreters(folders: Iterable[Path], first: Path | None = None) -> list[Interpreter]:
    """Every Python in these folders, `first` before all; of each version from OLDEST one is without problem."""
    programs = [path for folder in folders for path in sorted(folder.glob("python3.[0-9]*")) if _is_program(path)]
    unique: dict[Path, Path] = {}
    for path in (*([first] if first else []), *programs):
        unique.setdefault(path.resolve(), path)
    chosen: dict[str, Path] = {}
    found = []
    for path in unique.values():
        each = _probed(path)
        if not each.problem and chosen.setdefault(each.name, path) != path:
            each = Interpreter(path, each.version, f"the same version as {chosen[each.name]}")
        found.append(each)
    return found


def pythons() -> list[Path]:
    """One interpreter for each version from the oldest that we promise on; for its own version, this one."""
    found = find_interpreters(interpreter_folders(), Path(sys.executable))
    return [each.path for each in sorted(found, key=lambda each: each.version) if not each.problem]


def _is_program(path: Path) -> bool:
    return path.name.removeprefix("python3.").isdigit() and os.access(path, os.X_OK)


def _probed(path: Path) -> Interpreter:
    name = path.name.removeprefix("python3.")
    if name.isdigit() and (3, int(name)) < OLDEST:
        return Interpreter(path, (3, int(name)), f"older than {OLDEST[0]}.{OLDEST[1]}")
    try:
        shown = _output_of((str(path), "-c", _PROBE))
    except (OSError, subprocess.SubprocessError) as error:
        return Interpreter(path, problem=f"does not run: {_reason_of(error)}")
    return Interpreter(path, tuple(int(part) for part in shown.split()))


def _output_of(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PROBE_WITHIN_S).stdout


def _reason_of(error: Exception) -> str:
    """Most specific line: the first of a shim of pyenv, the last of a traceback."""
    lines = str(getattr(error, "stderr", "") or error).strip().splitlines()
    return lines[-1 if lines[0].startswith("Traceback") else 0]
