"""Every long wait of a test is recorded, so that a quiet run can judge it."""

import pytest

from tests.contract import rules
from tests.contract.waits import unrecorded_waits

# Which folders and files bound time for themselves, and why.
NOT_JUDGED = ("tests/bench/", "tests/chaos/", "tests/clients/", "tests/conformance/", "tests/peers/")
ALLOWED = {
    "libs/testing/waiting.py": "the helper itself",
    "tests/unit/services/mcp/api/protocol/test_sse.py": "bounds a whole scene, work included",
    "tests/unit/libs/runtime/process/http/test_protocol.py": "bounds a whole scene, work included",
    "tests/unit/libs/runtime/process/http/test_connections.py": "bounds a whole scene, work included",
    "tests/support/measured_path.py": "bounds a measurement, as the benches that use it",
    "tests/support/merger/join_history.py": "virtual time",
}


def test_tests_wait_with_the_helper_that_records() -> None:
    files = rules.sources("tests", "libs/testing")
    judged = {path: text for path, text in files.items() if not path.startswith(NOT_JUDGED)}
    assert unrecorded_waits(judged, ALLOWED) == []


@pytest.mark.parametrize("bound", ["asyncio.timeout(5)", "asyncio.timeout(LIMIT_S)", "asyncio.wait_for(work(), 30)"])
def test_a_wait_without_a_record_is_found(bound: str) -> None:
    assert len(unrecorded_waits({"tests/a.py": f"x = {bound}\n"}, {})) == 1


@pytest.mark.parametrize("bound", ["asyncio.timeout(0.1)", "asyncio.wait_for(work(), timeout=1)", "waiting(60)"])
def test_a_short_or_recorded_wait_is_none_of_them(bound: str) -> None:
    assert unrecorded_waits({"tests/a.py": f"x = {bound}\n"}, {}) == []
