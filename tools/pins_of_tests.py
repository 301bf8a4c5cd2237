"""Print the packages that only tests need, in the versions of requirements/fleet.txt. Run it in the root folder.

Linters and types are left out: types of one version of a package would keep older ones of it away.
"""

import re
import sys
import tomllib
from pathlib import Path

NOT_RUN = re.compile(r"types-.*|.*-stubs|mypy|ruff|import-linter")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins_of_tests(project: str, lock: str) -> list[str]:
    """`name==version` of every package of the extra `test` that a running test needs."""
    pins = {name.lower(): version for name, version in _PIN.findall(lock)}
    declared = tomllib.loads(project)["project"]["optional-dependencies"]["test"]
    names = [re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in declared]
    return [f"{name}=={pins[name]}" for name in names if not NOT_RUN.fullmatch(name)]


if __name__ == "__main__":
    pinned = pins_of_tests(Path("pyproject.toml").read_text(), Path("requirements/fleet.txt").read_text())
    sys.stdout.write("\n".join([*pinned, ""]))
