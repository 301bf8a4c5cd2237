"""One name per service in two spellings, and the same set of names everywhere."""

import tomllib
from collections.abc import Mapping, Sequence

from libs.runtime.spec import Needs
from moe.registry import SERVICES, specs
from tests.contract.rules import ROOT

ADDONS = {"embedded", "test"}
Extras = Mapping[str, Sequence[str]]


def disagreements(folders: set[str], extras: Extras, table: tuple[str, ...]) -> list[str]:
    """Differences between the names of services and the table: folders, and extras. A service may have no extra."""
    snake = {name.replace("-", "_") for name in table}
    found = [f"folder {name}" for name in sorted(folders ^ snake)]
    return found + [f"extra {name}" for name in sorted(set(extras) - set(table))]


def missing_clients(needs: Mapping[str, Needs], extras: Extras) -> list[str]:
    """Services whose extra lacks the client of a system that they declare."""
    wanted = {name: {"redis": need.valkey, "asyncpg": need.postgres} for name, need in needs.items()}
    return [
        f"{name} {client}"
        for name, clients in wanted.items()
        for client, needed in clients.items()
        if needed and not any(requirement.startswith(client) for requirement in extras.get(name, ()))
    ]


def _needs() -> dict[str, Needs]:
    return {spec.name: spec.needs for spec in specs()}


def _folders() -> set[str]:
    return {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}


def _extras() -> Extras:
    optional = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return {name: requirements for name, requirements in optional.items() if name not in ADDONS}


def test_services_have_the_same_names_everywhere() -> None:
    assert disagreements(_folders(), _extras(), SERVICES) == []


def test_a_name_that_differs_is_found() -> None:
    extras = {**_extras(), "ghost-writer": []}
    assert disagreements(_folders() | {"ghost"}, extras, SERVICES) == ["folder ghost", "extra ghost-writer"]
    assert disagreements(_folders(), _extras(), SERVICES[1:]) == ["folder gateway", "extra gateway"]


def test_an_extra_holds_the_clients_of_the_systems_that_its_service_needs() -> None:
    assert missing_clients(_needs(), _extras()) == []


def test_an_extra_without_a_client_is_found() -> None:
    extras = {**_extras(), "merger": [], "journal": ["cryptography>=44"]}
    assert missing_clients(_needs(), extras) == ["merger redis", "journal asyncpg"]


def test_every_service_has_the_same_files() -> None:
    wanted = ("spec.py", "app.py", "handlers.py", "settings.py", "README.md")
    missing = [
        f"{name}/{file}"
        for name in SERVICES
        for file in wanted
        if not (ROOT / "services" / name.replace("-", "_") / file).exists()
    ]
    assert missing == []
