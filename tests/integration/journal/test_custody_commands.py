"""`moe erase`, `moe hold`, `moe journal` and `moe audit` as an operator and an auditor use them."""

import json
from pathlib import Path

import asyncpg
import pytest

from libs.contracts.audit import AuditRecorded
from libs.core.subjects import pseudonym
from moe.cli.context.operators import attributed
from tests.support.command_line import moe_here, moe_process
from tests.support.journal.commands import (
    OPENINGS,
    PUBLIC_KEY,
    keep,
    request_of,
    variables,
    verified,
)

pytestmark = pytest.mark.embedded


async def test_an_auditor_verifies_an_export_with_nothing_of_ours(
    owner_url: str, signing_key: str, tmp_path: Path
) -> None:
    given, export = variables(owner_url, signing_key), tmp_path / "acme.jsonl"
    records = request_of("ada", "ada's words", signing_key, 0) + request_of("bob", "bob's words", signing_key, 50)
    said = await keep(owner_url, signing_key, records)
    assert moe_here(given, "audit", "key").stdout.strip() == PUBLIC_KEY
    exported = moe_process(given, "audit", "export", "--tenant", "acme", "--out", str(export))
    assert (exported.returncode, exported.stderr) == (0, "8 rows\n")
    told = verified(str(export))
    assert told == {
        "ok": True,
        "tenant": "acme",
        "rows": 8,
        "checkpoints": 1,
        "without_content": 0,
        "after_the_last_checkpoint": 0,
        "requests_ended": 2,
        "requests_open": 0,
    }
    apart = tmp_path / "checkpoints.jsonl"
    apart.write_bytes(b"\n".join(message.body() for message in said.messages))
    assert verified(str(export), "--checkpoints", str(apart))["ok"]
    assert b"words" not in export.read_bytes()


async def test_a_row_that_was_changed_in_the_database_is_found(
    owner_url: str, signing_key: str, tmp_path: Path
) -> None:
    given, export = variables(owner_url, signing_key), str(tmp_path / "acme.jsonl")
    await keep(owner_url, signing_key, request_of("ada", "ada's words", signing_key, 0))
    owner = await asyncpg.connect(owner_url)
    await owner.execute(
        "UPDATE moe.journal SET schema = 'other.v1' WHERE id = (SELECT row_id FROM moe.chain WHERE sequence = 3)"
    )
    await owner.close()
    assert moe_here(given, "audit", "export", "--tenant", "acme", "--out", export).returncode == 0
    assert verified(export) == {
        "ok": False,
        "index": 3,
        "reason": "the hash is not that of this header and content after the row before",
    }


async def test_a_tenant_without_records_has_an_empty_export(owner_url: str, signing_key: str, tmp_path: Path) -> None:
    given, export = variables(owner_url, signing_key), str(tmp_path / "nobody.jsonl")
    await keep(owner_url, signing_key, request_of("ada", "ada's words", signing_key, 0))
    assert moe_here(given, "tenants", "create", "nobody").returncode == 0
    written = moe_here(given, "audit", "export", "--tenant", "nobody", "--out", export)
    assert (written.returncode, written.stderr) == (0, "0 rows\n")
    assert verified(export)["reason"] == "it has no rows, so it proves nothing"


async def test_an_export_ends_at_a_checkpoint(owner_url: str, signing_key: str, tmp_path: Path) -> None:
    """The record of a checkpoint is a row after it, so a live journal always has some that are not covered."""
    given, export = variables(owner_url, signing_key), str(tmp_path / "acme.jsonl")
    await keep(owner_url, signing_key, request_of("ada", "ada's words", signing_key, 0))
    await keep(owner_url, signing_key, request_of("bob", "bob's words", signing_key, 50), checkpoint_rows=1000)
    written = moe_here(given, "audit", "export", "--tenant", "acme", "--out", export)
    assert written.returncode == 0
    assert written.stderr.startswith("4 rows\n4 rows were left out: no checkpoint covers them yet.")
    assert verified(export)["rows"] == 4
    assert moe_here(given, "audit", "export", "--tenant", "acme", "--include-unsigned", "--out", export).returncode == 0
    assert verified(export)["index"] == 5
    assert verified(export, "--unsigned", "4")["after_the_last_checkpoint"] == 4
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    assert moe_here(given, "audit", "export", "--tenant", "acme", *period, "--out", export).returncode == 0
    assert verified(export)["rows"] == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ("hold", "place", "--reason", "lawsuit"),
        ("hold", "list"),
        ("erase", "--user", "ada"),
        ("audit", "export", "--out", "-"),
    ],
)
def test_a_tenant_that_nobody_knows_is_refused(owner_url: str, signing_key: str, arguments: tuple[str, ...]) -> None:
    given = variables(owner_url, signing_key)
    assert moe_here(given, "migrate").returncode == 0
    refused = moe_here(given, *arguments, "--tenant", "nosuch")
    assert (refused.returncode, refused.stderr) == (1, "Error: there is no tenant 'nosuch'\n")
    assert refused.stdout == ""


def test_an_export_that_cannot_be_written_is_told_in_a_line(owner_url: str, signing_key: str) -> None:
    given = variables(owner_url, signing_key)
    assert moe_here(given, "migrate").returncode == 0
    refused = moe_here(given, "audit", "export", "--tenant", "default", "--out", "/nonexistent/x")
    assert refused.returncode == 1
    assert refused.stderr == "Error: Could not open file '/nonexistent/x': No such file or directory\n"


async def test_a_period_is_exported_as_a_run_of_rows(owner_url: str, signing_key: str, tmp_path: Path) -> None:
    given, export = variables(owner_url, signing_key), str(tmp_path / "acme.jsonl")
    await keep(owner_url, signing_key, request_of("ada", "ada's words", signing_key, 0))
    period = ("--from", "2020-01-01", "--to", "2020-12-31")
    assert moe_here(given, "audit", "export", "--tenant", "acme", *period, "--out", export).returncode == 0
    assert verified(export, "--partial")["reason"] == "it has no rows, so it proves nothing"
    assert (
        moe_here(given, "audit", "export", "--tenant", "acme", "--from", "2020-01-01", "--out", export).returncode == 0
    )
    assert verified(export)["rows"] == 4


async def test_an_erased_user_is_gone_and_the_report_says_what_is_left(
    owner_url: str, signing_key: str, tmp_path: Path
) -> None:
    given, export = variables(owner_url, signing_key), str(tmp_path / "acme.jsonl")
    records = request_of("ada", "ada's words", signing_key, 0) + request_of("bob", "bob's words", signing_key, 50)
    await keep(owner_url, signing_key, records)
    counted = moe_process(given, "erase", "--tenant", "acme", "--user", "ada", "--dry-run", "--json")
    assert json.loads(counted.stdout)["rows"] == 4, counted.stderr
    erased = moe_here(given, "erase", "--tenant", "acme", "--user", "ada", "--operator", "olga", "--json")
    report = json.loads(erased.stdout)
    assert (report["rows"], report["keys"], report["keys_rewritten"], report["streams"]) == (4, 1, True, None)
    assert report["responses"] == [OPENINGS["ada"].response_id]
    hours = {topic["topic"]: topic["gone_at"] for topic in report["topics"]}
    assert hours["moe.pipeline.progress.v1"] == "2025-11-22T06:00Z"  # recorded at 04:40 the day before
    shown = moe_here(given, "replay", "--response-id", OPENINGS["ada"].response_id, "--show")
    assert "ada's words" not in shown.stdout
    assert "bob's words" in moe_here(given, "replay", "--response-id", OPENINGS["bob"].response_id, "--show").stdout
    said = await keep(owner_url, signing_key, [])
    (act,) = [message for message in said.messages if isinstance(message, AuditRecorded)]
    assert (act.action, act.actor, act.target) == (
        "subject-erased",
        attributed("olga"),
        pseudonym(signing_key, "acme", "ada"),
    )
    assert moe_here(given, "audit", "export", "--tenant", "acme", "--out", export).returncode == 0
    told = verified(export)
    assert (told["ok"], told["without_content"]) == (True, 4)


async def test_a_hold_stops_an_erasure_until_it_is_released(owner_url: str, signing_key: str) -> None:
    given = variables(owner_url, signing_key)
    await keep(owner_url, signing_key, request_of("ada", "ada's words", signing_key, 0))
    place = ("--tenant", "acme", "--user", "ada", "--reason", "lawsuit", "--json")
    hold_id = json.loads(moe_process(given, "hold", "place", *place).stdout)["hold_id"]
    assert hold_id in moe_here(given, "hold", "list", "--tenant", "acme").stdout
    refused = moe_here(given, "erase", "--tenant", "acme", "--user", "ada")
    assert refused.returncode == 1
    assert refused.stderr == f"Error: under legal hold: {hold_id}; `moe hold release` ends a hold\n"
    assert moe_here(given, "hold", "release", hold_id, "--tenant", "acme", "--reason", "settled").returncode == 0
    assert moe_here(given, "hold", "list", "--tenant", "acme").stdout == ""
    assert moe_here(given, "erase", "--tenant", "acme", "--user", "ada").returncode == 0


async def test_young_content_is_not_pruned(owner_url: str, signing_key: str) -> None:
    given = variables(owner_url, signing_key)
    await keep(owner_url, signing_key, request_of("ada", "ada's words", signing_key, 0))
    pruned = moe_process(given, "journal", "prune")
    assert (pruned.stdout, pruned.returncode) == ("acme: 0 rows emptied\n", 0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("erase", "--tenant", "acme"), "name the person to erase"),
        (("erase", "--tenant", "acme", "--subject", "ada"), "a pseudonym is 32 hex digits"),
        (("erase", "--tenant", "acme", "--user", "a", "--subject", "b"), "use either"),
    ],
)
def test_whom_to_erase_must_be_said(signing_key: str, arguments: tuple[str, ...], reason: str) -> None:
    refused = moe_here(variables("postgresql://nobody@127.0.0.1:1/x", signing_key), *arguments)
    assert refused.returncode == 2
    assert reason in refused.stderr


def test_a_retention_below_six_months_stops_a_start(owner_url: str, signing_key: str) -> None:
    given = variables(owner_url, signing_key) | {"MOE_RETENTION_DAYS": "30"}
    refused = moe_here(given, "journal", "prune")
    assert refused.returncode == 2
    assert refused.stderr == "Error: MOE_RETENTION_DAYS: 30 is below the floor of 183 days\n"
