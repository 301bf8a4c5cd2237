"""The report of an erasure states the hour when the last copy on a topic expires, never too early."""

import json

import pytest

from libs.adapters.valkey.erasure import ErasureCounts
from libs.contracts.topics import PROGRESS, REQUESTS
from libs.operations.erasure_report import ErasureReport, InValkey
from libs.ports.custody import ErasureResult, TopicTrace

NOON_MS = 1_763_726_400_000  # 2025-11-21T12:00Z
TRACES = (
    TopicTrace(PROGRESS.name, "", 5, NOON_MS),
    TopicTrace(REQUESTS.name, "", 1, NOON_MS + 50 * 60_000),
    TopicTrace(PROGRESS.name, "a log in memory", 2, NOON_MS),
)
ERASED = ErasureResult("acme", ("a" * 32,), NOON_MS, 1, 8, ("chatcmpl-1",), TRACES)


def test_a_durable_topic_is_clean_after_retention_and_segment() -> None:
    told = json.loads(ErasureReport(ERASED, keys_rewritten=True).as_json())
    hours = [topic["gone_at"] for topic in told["topics"]]
    assert hours[:2] == ["2025-11-22T14:00Z", "2025-11-28T14:00Z"]
    assert hours[2] == "when the embedded broker that held it ends"
    assert told["late_records_until"] == "2025-11-28T14:00Z"


def test_that_nobody_was_found_is_said() -> None:
    nobody = ErasureResult("acme", ("a" * 32,), NOON_MS, 0, 0, (), ())
    assert "nothing found" in list(ErasureReport(nobody).as_text())[1]
    assert not any("nobody" in line for line in ErasureReport(ERASED).as_text())


def test_what_an_owner_has_still_to_do_is_said() -> None:
    lines = list(ErasureReport(ERASED, InValkey(ErasureCounts(3, 4))).as_text())
    assert lines[0] == f"erased 8 rows of 1 responses of {'a' * 32} at acme"
    assert lines[-2:] == [
        "  3 streams and 4 notes deleted in Valkey",
        "  its file may still hold the wrapped key; run as the owner: VACUUM FULL moe.subject_keys",
    ]


def test_a_dry_run_says_so() -> None:
    lines = list(ErasureReport(ERASED, dry_run=True).as_text())
    assert lines[0].startswith("would erase 8 rows")
    assert not any("VACUUM" in line for line in lines)
    assert not any("Valkey" in line for line in lines)


def test_what_could_not_be_erased_in_valkey_is_said() -> None:
    report = ErasureReport(ERASED, InValkey(trouble="REDIS_URL: refused"), keys_rewritten=True)
    assert list(report.as_text())[-1].startswith("  NOT erased in Valkey, run this again: REDIS_URL: refused")
    assert json.loads(report.as_json())["valkey_trouble"] == "REDIS_URL: refused"


def test_that_no_valkey_was_named_is_said() -> None:
    assert list(ErasureReport(ERASED, keys_rewritten=True).as_text())[-1].endswith("REDIS_URL names none")


@pytest.mark.parametrize("last_ms", [2**63 - 1, 9_224_318_016_000_000, -1, -(2**63)])
def test_a_record_of_an_impossible_time_does_not_end_the_report(last_ms: int) -> None:
    """The producer of a record chooses its time."""
    traces = (TopicTrace(REQUESTS.name, "", 1, last_ms), *TRACES[:1])
    report = ErasureReport(ErasureResult("acme", ("a" * 32,), NOON_MS, 1, 8, ("chatcmpl-1",), traces))
    hours = [topic["gone_at"] for topic in json.loads(report.as_json())["topics"]]
    assert hours[0] == "after the year 9999" if last_ms > NOON_MS else hours[0].startswith("1970-01-0")
    assert hours[1] == "2025-11-22T14:00Z"
    assert any("1 records, last copy gone" in line for line in report.as_text())
