"""Findings, output and exit code of `moe doctor`."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from libs.core.key_roots import ROOTS, KeyRoot
from libs.testing.keys import AUDIT_KEY
from libs.testing.model_server import ModelServer
from moe.cli.context.cli_context import read_cli_context
from moe.cli.context.known_settings import NOT_READ_YET, without_effect
from moe.cli.doctor.checks import run_checks
from moe.cli.doctor.findings import Finding, as_json, as_table, has_failed
from moe.cli.doctor.models import check_models
from moe.cli.doctor.settings import check_settings
from moe.cli.root import moe

ADDRESSES = ("KAFKA_URL", "REDIS_URL", "POSTGRES_CHECKPOINT_URL", "INFERENCE_SERVERS", "JUDGE_MODEL")
KEYS = ("MOE_BOOTSTRAP_API_KEY", *(root.variable for root in ROOTS))
OTHERS = ("EXPERT_MODELS", "PLANNER_MODEL", "LOG_LEVEL", *KEYS)
NOBODY = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is configured and nothing runs."""
    for name in (*ADDRESSES, *OTHERS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOE_DATA_DIR", str(tmp_path / "var"))


def texts(findings: Sequence[Finding], state: str) -> list[str]:
    return [finding.text for finding in findings if finding.state == state]


def use_models(monkeypatch: pytest.MonkeyPatch, *servers: dict[str, object], judge: str = "judge:7b") -> None:
    monkeypatch.setenv("INFERENCE_SERVERS", json.dumps(servers))
    monkeypatch.setenv("JUDGE_MODEL", judge)


def test_a_key_that_stops_the_start_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOE_SIGNING_KEY", "MOE_JOURNAL_KEY"):
        monkeypatch.setenv(name, AUDIT_KEY)
    shown = CliRunner().invoke(moe, ["doctor"])
    assert shown.exit_code == 1, shown.output
    assert "MOE_JOURNAL_KEY: the same key as MOE_SIGNING_KEY" in shown.output


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    shown = CliRunner().invoke(moe, ["doctor"])
    assert shown.exit_code == 0, shown.output
    assert "every setting of 7 services is valid" in shown.output
    assert all(f"{name} is not set" in shown.output for name in ADDRESSES[:4])
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JUDGE_TIMEOUT", "-1"),
        ("MOE_SIGNING_KEY", "short"),
        ("LOG_LEVEL", "LOUD"),
        ("KAFKA_URL", "no address"),
        ("EXPERT_MODELS", "{"),
        ("JUDGE_ENDPOINT", "elsewhere"),
        ("EMBEDDING_MODEL", "e5@elsewhere"),
        ("MOE_PORT", "x"),
    ],
)
def test_a_wrong_setting_fails_and_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    shown = CliRunner().invoke(moe, ["doctor", "--json"])
    assert shown.exit_code == 1
    told = json.loads(shown.stdout)
    assert not told["ok"]
    assert [finding["text"].partition(":")[0] for finding in told["findings"] if finding["state"] == "fail"] == [
        variable
    ]


@pytest.mark.parametrize("variable", ["JUDGE_MODEL", "PLANNER_MODEL"])
def test_a_model_without_a_server_fails_as_it_does_at_the_start(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "mine:70b")
    (told,) = texts(check_settings(read_cli_context()), "fail")
    assert told.startswith("INFERENCE_SERVERS: names no server")


def test_a_setting_that_several_services_read_is_reported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_TIMEOUT", "soon")
    assert len(texts(check_settings(read_cli_context()), "fail")) == 1


def test_a_variable_that_nothing_reads_is_told_with_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOE_SINGING_KEY", "NEO4J_URI", "MOE_METRICS_PORT", "SOMETHING_ELSE"):
        monkeypatch.setenv(name, "9473")
    notes = [text for text in texts(check_settings(read_cli_context()), "note") if "read" in text]
    assert notes == [
        "MOE_SINGING_KEY is not read by anything; is MOE_SIGNING_KEY meant?",
        "NEO4J_URI is not read yet: it waits for the knowledge graph",
    ]


def test_what_is_not_read_yet_is_read_by_nothing() -> None:
    assert len(list(without_effect(NOT_READ_YET))) == len(NOT_READ_YET)


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_a_root_that_is_not_set_is_noted(root: KeyRoot) -> None:
    (note,) = (found for found in check_settings(read_cli_context()) if found.text == f"{root.variable} is not set")
    assert note.state == "note"


def test_an_audit_key_is_found_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_AUDIT_KEY", AUDIT_KEY)
    assert not [text for text in texts(check_settings(read_cli_context()), "note") if "MOE_AUDIT_KEY" in text]


def test_an_audit_key_is_found_where_the_fleet_has_made_it(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "audit.key").write_text("made by the fleet itself")
    assert not [text for text in texts(check_settings(read_cli_context()), "note") if "MOE_AUDIT_KEY" in text]


async def test_addresses_where_nobody_answers_fail_except_for_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_URL", f"kafka://{NOBODY}")
    monkeypatch.setenv("REDIS_URL", f"redis://{NOBODY}")
    monkeypatch.setenv("POSTGRES_CHECKPOINT_URL", f"postgresql://user:secret@{NOBODY}/moe")
    use_models(
        monkeypatch, {"name": "local", "url": f"http://{NOBODY}/v1"}, {"name": "spare", "url": f"http://{NOBODY}/v1"}
    )
    states = {(found.area, found.state) for found in await run_checks() if found.area != "settings"}
    failing = {("broker", "fail"), ("postgres", "fail"), ("models", "fail")}
    assert states == failing | {("valkey", "note"), ("models", "note")}
    assert "secret" not in as_json(await run_checks())


async def test_configured_models_are_looked_for_where_they_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer(models=("judge:7b", "law:latest")) as server:
        use_models(monkeypatch, {"name": "local", "url": server.url})
        monkeypatch.setenv("EXPERT_MODELS", '{"legal_advisor": ["law"], "math": ["absent:70b"]}')
        found = await check_models(read_cli_context())
    assert texts(found, "fail") == ["absent:70b@local (math T1) is not listed by its server"]
    assert "judge:7b@local (judge, planner) is there" in texts(found, "ok")
    assert "law@local (legal_advisor T1) is there" in texts(found, "ok")


async def test_a_wrong_token_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer(api_key="right") as server:
        use_models(monkeypatch, {"name": "local", "url": server.url, "token": "wrong"})
        (found,) = await check_models(read_cli_context())
        assert found.state == "fail"
        assert found.text.endswith("answers 401")
        use_models(monkeypatch, {"name": "local", "url": server.url, "token": "right"}, judge="scripted")
        assert not has_failed(await check_models(read_cli_context()))


async def test_a_small_model_is_told_with_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer() as server:
        use_models(monkeypatch, {"name": "local", "url": server.url, "small": True}, judge="scripted")
        (note,) = texts(await check_models(read_cli_context()), "note")
    assert note.startswith("scripted is small: it plans by rule")


def test_the_table_puts_what_to_do_below_what_was_found() -> None:
    findings = (Finding("topics", "ok", "fine"), Finding("broker", "fail", "away", "start it"))
    assert list(as_table(findings)) == ["topics  ok    fine", "broker  fail  away", "              → start it"]
