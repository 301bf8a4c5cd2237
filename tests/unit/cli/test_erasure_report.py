"""The report of an erasure names the hour when the last copy on a topic is gone, never too early."""

import json

from libs.contracts.topics import PROGRESS, REQUESTS
from libs.ports.custody import Erased, TopicTrace
from services.cli.erasure_report import ErasureReport

NOON_MS = 1_763_726_400_000  # 2025-11-21T12:00Z
TRACES = (
    TopicTrace(PROGRESS.name, "", 5, NOON_MS),
    TopicTrace(REQUESTS.name, "", 1, NOON_MS + 50 * 60_000),
    TopicTrace(PROGRESS.name, "a log in memory", 2, NOON_MS),
)
ERASED = Erased("acme", "a" * 32, NOON_MS, 1, 8, ("chatcmpl-1",), TRACES)


def test_a_durable_topic_is_clean_after_retention_and_segment() -> None:
    told = json.loads(ErasureReport(ERASED, dry_run=False, streams=0, keys_rewritten=True).as_json())
    hours = [topic["gone_at"] for topic in told["topics"]]
    assert hours[:2] == ["2025-11-22T14:00Z", "2025-11-28T14:00Z"]
    assert hours[2] == "when the embedded broker that held it ends"
    assert told["late_records_until"] == "2025-11-28T14:00Z"


def test_what_an_owner_has_still_to_do_is_said() -> None:
    lines = list(ErasureReport(ERASED, dry_run=False, streams=3, keys_rewritten=False).as_text())
    assert lines[0] == f"erased 8 rows of 1 responses of {'a' * 32} at acme"
    assert lines[-2:] == [
        "  3 streams deleted in Valkey",
        "  its file may still hold the wrapped key; run as the owner: VACUUM FULL moe.subject_keys",
    ]


def test_a_dry_run_says_so() -> None:
    lines = list(ErasureReport(ERASED, dry_run=True, streams=None, keys_rewritten=False).as_text())
    assert lines[0].startswith("would erase 8 rows")
    assert not any("VACUUM" in line for line in lines)
