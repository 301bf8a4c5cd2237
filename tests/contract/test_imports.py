"""Importing a module opens nothing: no socket, no file for writing, no task, no process."""

import subprocess
import sys
from pathlib import Path

from tests.contract.rules import ROOT, sources

PROBE = """
import importlib, sys
seen = []
def hook(event, arguments):
    if event in {"socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.system"}:
        seen.append(f"{event} {arguments!r}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"{event} {arguments!r}")
sys.dont_write_bytecode = True
sys.addaudithook(hook)
for name in sys.argv[1:]:
    importlib.import_module(name)
print("\\n".join(seen))
"""


def effects_of_importing(*modules: str, path: Path = ROOT) -> str:
    """Resources opened by importing the modules, one line each."""
    command = [sys.executable, "-c", PROBE, *modules]
    done = subprocess.run(command, cwd=path, capture_output=True, text=True, timeout=600, check=True)
    return done.stdout.strip()


def _modules() -> list[str]:
    names = [
        path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in sources("libs", "services", "moe")
    ]
    return [name for name in names if not name.endswith("__main__")]


def test_importing_the_code_opens_nothing() -> None:
    assert effects_of_importing(*_modules()) == ""


def test_a_module_with_an_effect_is_found(tmp_path: Path) -> None:
    (tmp_path / "opens_a_file.py").write_text("open(__file__ + '.out', 'w').close()\n")
    assert "opens_a_file.py.out" in effects_of_importing("opens_a_file", path=tmp_path)
