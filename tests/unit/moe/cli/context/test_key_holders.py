"""Secrets in a service's settings allow forging and reading its own kind of data only."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import pytest
from pydantic import SecretStr

from libs.core.database_roles import ROLES, derived_password
from libs.core.errors import ConfigurationError
from libs.core.key_roots import AUDIT, DATABASE, DOWNLOADS, ENVELOPES, JOURNAL, NOTES, PSEUDONYMS, ROOTS, KeyRoot
from libs.core.key_strength import new_secret_key, weakness
from libs.runtime.settings import BusSettings
from libs.testing.keys import API_KEY, SIGNING_KEY, own_roots
from moe.cli.context.key_holders import require_keys, require_own_keys, roles_of, roots_of
from moe.registry import SERVICES, spec_of

PLACES = {
    "KAFKA_URL": "kafka://127.0.0.1:9092",
    "REDIS_URL": "redis://127.0.0.1:6379",
    "POSTGRES_CHECKPOINT_URL": "postgresql://127.0.0.1:5432/moe",
    "MOE_BOOTSTRAP_API_KEY": API_KEY,
}
HELD = {
    "planner": {ENVELOPES},
    "expert-worker": {ENVELOPES},
    "merger": {ENVELOPES},
    "critic": {ENVELOPES},
    "mcp": {ENVELOPES, DOWNLOADS},
    "gateway": {ENVELOPES, JOURNAL, PSEUDONYMS, NOTES},
    "journal": {ENVELOPES, JOURNAL, AUDIT, DATABASE},
}


def secrets_in(service: str, given: dict[str, str]) -> Iterator[str]:
    """Yield every secret that a process of the service has read, and each part of it."""
    for settings in (spec_of(service).settings.read(given), BusSettings.read(given)):
        for value in settings.__dict__.values():
            text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            yield text
            yield from text.replace("=", ",").split(",")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_its_own_roots_and_no_others(service: str) -> None:
    given = {**PLACES, **own_roots()}
    found = set(secrets_in(service, given))
    assert {root for root in ROOTS if given[root.variable] in found} == HELD[service] == set(roots_of(service))


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "journal"])
def test_a_service_can_derive_the_passwords_of_its_own_roles_alone(service: str) -> None:
    given = {**PLACES, **own_roots()}
    settings = spec_of(service).settings.read(given)
    known = settings.passwords.known if hasattr(settings, "passwords") else {}
    assert set(known) == set(roles_of(service))
    held = [given[root.variable] for root in roots_of(service)]
    derivable = {derived_password(key, role) for key in held for role in ROLES}
    assert not derivable & {derived_password(given[DATABASE.variable], role) for role in ROLES}


def test_the_table_covers_every_service() -> None:
    assert set(HELD) == set(SERVICES)


NEEDED = [(name, root) for name in SERVICES for root in roots_of(name) if root in (JOURNAL, AUDIT, PSEUDONYMS, NOTES)]


@pytest.mark.parametrize(("service", "root"), NEEDED, ids=lambda each: getattr(each, "name", each))
def test_a_start_without_a_key_names_the_variable_and_the_command(service: str, root: KeyRoot) -> None:
    given = {name: value for name, value in {**PLACES, **own_roots()}.items() if name != root.variable}
    with pytest.raises(ConfigurationError, match=rf"^{root.variable}: not set.*moe secrets migrate"):
        require_keys(spec_of(service).settings.read(given))


def refusal(services: Sequence[str], given: dict[str, str]) -> str:
    """Reason why a process of these services does not start; empty if it does."""
    try:
        require_own_keys(services, {**PLACES, **given})
    except ConfigurationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("services", [*((name,) for name in SERVICES), SERVICES], ids="+".join)
def test_a_key_that_two_roots_of_a_process_share_stops_its_start(services: Sequence[str]) -> None:
    roots = own_roots()
    held = [root for root in ROOTS if any(root in roots_of(name) for name in services)]
    found = {}
    for one, another in combinations(ROOTS, 2):
        if reason := refusal(services, roots | {another.variable: roots[one.variable]}):
            found[one, another] = reason
            assert reason.startswith(f"{another.variable}: the same key as {one.variable}, ")
            assert another.previous in reason
            assert roots[one.variable] not in reason
    assert list(found) == list(combinations(held, 2))


def test_a_previous_key_that_all_roots_share_stops_no_start() -> None:
    shared = dict.fromkeys((root.previous for root in ROOTS), new_secret_key())
    assert refusal(SERVICES, own_roots() | shared) == ""


SPELLINGS: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "with dashes": lambda key: f"{key[:8]}-{key[8:]}",
    "in base64": lambda key: b64encode(bytes.fromhex(key)).decode(),
    "in base64 of URLs": lambda key: urlsafe_b64encode(bytes.fromhex(key)).decode().rstrip("="),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_key_in_another_spelling_stops_a_start(spelling: str) -> None:
    spelled = SPELLINGS[spelling]
    # one in 150 is weak in base64
    key = next(key for key in iter(new_secret_key, "") if weakness(spelled(key)) is None)
    roots = own_roots() | {ENVELOPES.variable: key, JOURNAL.variable: spelled(key)}
    assert refusal(["gateway"], roots).startswith(f"{JOURNAL.variable}: the same key as {ENVELOPES.variable}, ")


@pytest.mark.parametrize("service", ["gateway", "mcp"])
def test_a_root_key_that_clients_have_stops_a_start(service: str) -> None:
    key = new_secret_key()
    reason = refusal([service], own_roots() | {ENVELOPES.variable: key, "MOE_BOOTSTRAP_API_KEY": key})
    assert reason.startswith(f"{ENVELOPES.variable}: the same key as MOE_BOOTSTRAP_API_KEY, ")
    assert key not in reason


@pytest.mark.parametrize("other", ["announced", "current"])
def test_an_announced_key_of_another_root_stops_a_start(other: str) -> None:
    roots, key = own_roots(), new_secret_key()
    roots[NOTES.previous] = f"next:{key}"
    assert refusal(["gateway"], roots) == ""
    assert refusal(["gateway"], roots | {NOTES.variable: key}) == ""
    roots |= {JOURNAL.previous: f"next:{key}"} if other == "announced" else {JOURNAL.variable: key}
    assert refusal(["gateway"], roots).startswith(f"{NOTES.previous}: the same key as {JOURNAL.variable}")


@pytest.mark.parametrize("variable", [JOURNAL.variable, JOURNAL.previous])
@pytest.mark.parametrize("service", SERVICES)
def test_a_weak_key_stops_the_services_that_hold_it_and_no_others(service: str, variable: str) -> None:
    reason = refusal([service], own_roots() | {variable: "changeme"})
    assert reason.startswith(f"{variable}: ") is (JOURNAL in HELD[service])


@pytest.mark.parametrize("service", ["gateway", "mcp", "journal"])
def test_the_signing_key_alone_starts_nothing_with_a_database(service: str) -> None:
    with pytest.raises(ConfigurationError, match="moe secrets migrate"):
        require_keys(spec_of(service).settings.read({**PLACES, "MOE_SIGNING_KEY": SIGNING_KEY}))
