"""For all inputs that Schemathesis generates, responses conform to our document: no 5xx, no other shape, and soon.

The cut has a fixed seed; the whole run is 10,000 calls.
"""

from collections import Counter
from collections.abc import Iterator
from math import ceil
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from libs.core.clock import SystemClock
from tests.support.gateway import KEY, GatewayHarness
from tests.support.threaded_gateway import MAY_BE_ABSENT, SECRETS, besieged

CLOCK = SystemClock()
Case: TypeAlias = schemathesis.Case[Any]
P99_S = 0.25
STEPS = 10
MODEL = "moe-orchestrator"
HEADERS = {"authorization": f"Bearer {KEY}"}
SETTINGS = settings(deadline=None, database=None, print_blob=False, suppress_health_check=list(HealthCheck))


@pytest.fixture
def gateway() -> Iterator[GatewayHarness]:
    with besieged() as opened:
        yield opened


def no_server_error(_: object, response: object, __: object) -> None:
    """A check: no failure on our side, and no internal detail in the response."""
    status, text = response.status_code, response.text  # type: ignore[attr-defined]  # Schemathesis has no types here
    assert status < 500 or any(code in text for code in MAY_BE_ABSENT), (status, text)
    assert not any(secret in text for secret in SECRETS), text


CHECKS = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Siege:
    """One gateway and the requests that Schemathesis generates from its document.

    `took` are the seconds of each call.
    """

    def __init__(self, gateway: GatewayHarness) -> None:
        load_all_checks()
        config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
        self.schema = schemathesis.openapi.from_url(f"{gateway.url}/openapi.json", headers=HEADERS, config=config)
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()

    def ask(self, case: Case) -> schemathesis.Response:
        """Send a case; a question is put to a model that is there, three times of four."""
        case.body = likely(case.body)
        began = CLOCK.monotonic()
        response = case.call(headers=HEADERS)
        self.took.append(CLOCK.monotonic() - began)
        self.statuses[response.status_code] += 1
        return response

    def stories(self, calls: int, seed: int) -> None:
        """Follow the links of the document: create, show, rate, cancel."""
        siege = self

        class Machine(self.schema.as_state_machine()):  # type: ignore[misc]  # made at run time
            def call(self, case: Case, **_: object) -> schemathesis.Response:
                return siege.ask(case)

            def validate_response(self, response: schemathesis.Response, case: Case, **_: object) -> None:
                case.validate_response(response, checks=CHECKS)

        rules = settings(SETTINGS, max_examples=ceil(calls / STEPS), stateful_step_count=STEPS)
        seeded(seed)(Machine).run(settings=rules)

    def fuzz(self, calls: int, seed: int) -> None:
        """Call each route by itself."""
        operations = [each.ok() for each in self.schema.get_all_operations() if isinstance(each, Ok)]
        for operation in operations:

            @seeded(seed)
            @settings(SETTINGS, max_examples=ceil(calls / len(operations)))
            @given(case=operation.as_strategy())
            def one(case: Case) -> None:
                case.validate_response(self.ask(case), checks=CHECKS)

            one()

    def run(self, calls: int, seed: int) -> None:
        """Make so many calls, half of them in stories; report them."""
        while len(self.took) < calls:
            half = ceil((calls - len(self.took)) / 2)
            self.stories(half, seed + len(self.took))
            self.fuzz(half, seed + len(self.took))
        print(f"{len(self.took)} calls, p99 {p99(self.took) * 1000:.0f} ms, {dict(self.statuses)}")  # noqa: T201 - to be seen


def likely(body: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Body that is more often a question that can be answered."""
    if not isinstance(body, dict) or len(repr(body)) % 4 == 0:
        return body
    body = {**body, "model": MODEL} if "model" in body else dict(body)
    if isinstance(body.get("messages"), list):
        body["messages"] = [{"role": "user", "content": f"Why {len(repr(body))}?"}]
    if isinstance(body.get("input"), list):
        body["input"] = "Why?"
    return body


def p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)]


def test_a_few_hundred_calls(gateway: GatewayHarness) -> None:
    siege = Siege(gateway)
    siege.run(calls=200, seed=7)
    assert siege.statuses[200] > 10


@pytest.mark.siege
@pytest.mark.slow
def test_ten_thousand_calls(gateway: GatewayHarness) -> None:
    siege = Siege(gateway)
    siege.run(calls=10_000, seed=1)
    assert p99(siege.took) < P99_S
