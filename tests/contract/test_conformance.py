"""The table of conformance names every route of the three protocols that this gateway serves."""

import json
import re
from pathlib import Path

from services.gateway.api.routes import ENDPOINTS
from tests.clients.conformance import recorded

EXCHANGES = json.loads((Path(__file__).parents[1] / "clients" / "exchanges.json").read_text())
PROTOCOLS = ("/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/models")


def test_each_route_has_a_row() -> None:
    served = {
        f"{each.method} {re.sub(r'{[^}]*}', '{id}', each.path)}"
        for each in ENDPOINTS
        if each.path.startswith(PROTOCOLS)
    }
    assert served - {line.split("`")[1] for line in recorded().splitlines()[2:]} == set()


def test_each_kind_of_answer_and_event_has_a_row() -> None:
    shown = {line.split("`")[3] for line in recorded().splitlines()[2:]}
    types = {kind: types["python"].rpartition(":")[2] for kind, types in EXCHANGES["kinds"].items()}
    assert [kind for kind, name in types.items() if name not in shown] == []


def test_each_exchange_names_a_kind_that_is_there() -> None:
    named = {step["kind"] for each in EXCHANGES["exchanges"] for step in (each, *each.get("then", ()))}
    assert named - EXCHANGES["kinds"].keys() == set()


def test_all_that_was_recorded_was_validated_by_both_sdks() -> None:
    half = [line for line in recorded().splitlines() if re.search(r"\| (Python|TypeScript) \|", line)]
    assert half == []
