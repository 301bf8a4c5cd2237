"""One name per service in two spellings, and the same set of names everywhere."""

import tomllib

from moe.registry import SERVICES
from tests.contract.rules import ROOT

ADDONS = {"embedded", "test"}


def disagreements(folders: set[str], extras: set[str], contract: str, table: tuple[str, ...]) -> list[str]:
    """Return where the names of services differ: folders, extras and the import contract against the table."""
    snake = {name.replace("-", "_") for name in table}
    found = [f"folder {name}" for name in sorted(folders ^ snake)]
    found += [f"extra {name}" for name in sorted(extras ^ set(table))]
    return found + [f"import contract {name}" for name in sorted(snake) if f"services.{name} " not in f"{contract} "]


def _actual() -> tuple[set[str], set[str], str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    siblings = next(layer for layer in layers if "|" in layer)
    return folders, set(project["project"]["optional-dependencies"]) - ADDONS, siblings


def test_services_have_the_same_names_everywhere() -> None:
    assert disagreements(*_actual(), SERVICES) == []


def test_a_name_that_differs_is_found() -> None:
    folders, extras, contract = _actual()
    assert disagreements(folders | {"ghost"}, extras - {"critic"}, contract.replace("merger", "merge"), SERVICES) == [
        "folder ghost",
        "extra critic",
        "import contract merger",
    ]


def test_every_service_has_the_same_files() -> None:
    wanted = ("spec.py", "app.py", "handlers.py", "settings.py", "README.md")
    missing = [
        f"{name}/{file}"
        for name in SERVICES
        for file in wanted
        if not (ROOT / "services" / name.replace("-", "_") / file).exists()
    ]
    assert missing == []
