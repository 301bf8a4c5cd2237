"""Local users who can read a broker without authentication."""

from pathlib import Path

import pytest

from moe.cli.context.cli_context import read_cli_context
from moe.cli.doctor import machine as machine
from moe.cli.doctor.findings import Finding
from moe.cli.doctor.machine import Account, Process, other_users
from moe.cli.fleet.banner import banner

OWN, ANN, DAEMON, NOBODY = 1000, 1001, 101, 65534
ACCOUNTS = (
    Account("root", 0, "/bin/bash"),
    Account("daemon", DAEMON, "/usr/sbin/nologin"),
    Account("me", OWN, "/bin/bash"),
    Account("ann", ANN, "/bin/zsh"),
    Account("service", 1002, "/usr/sbin/nologin"),
    Account("nobody", NOBODY, "/bin/sh"),
)
FLEET = 50


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_URL", "MOE_EMBEDDED_KAFKA", "MOE_KAFKA_SECURITY_PROTOCOL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOE_DATA_DIR", str(tmp_path / "var"))


def test_people_who_may_log_in_count_and_system_accounts_do_not() -> None:
    assert other_users(ACCOUNTS, (), OWN, 0) == ("ann",)
    assert other_users(ACCOUNTS, (), ANN, 0) == ("me",)


def test_whoever_runs_something_now_counts_by_name_or_number() -> None:
    processes = (Process(1, 0, 0), Process(7, 1, DAEMON), Process(8, 1, 4242), Process(9, 1, OWN))
    assert other_users(ACCOUNTS[:3], processes, OWN, 0) == ("daemon", "uid 4242")


def test_the_database_of_the_fleet_is_no_other_user() -> None:
    family = (Process(FLEET, 1, 0), Process(51, FLEET, 0), Process(52, 51, NOBODY))
    assert other_users(ACCOUNTS[:1], family, 0, FLEET) == ()
    assert other_users(ACCOUNTS[:1], (*family, Process(60, 1, NOBODY)), 0, FLEET) == ("uid 65534",)


def found() -> tuple[Finding, ...]:
    return machine.check_machine(read_cli_context())


@pytest.fixture
def with_ann(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_accounts", lambda: iter((Account("ann", ANN, "/bin/zsh"),)))
    monkeypatch.setattr(machine, "_processes", lambda: iter(()))


@pytest.mark.usefixtures("with_ann")
def test_the_memory_broker_is_warned_of_on_a_shared_machine_and_the_durable_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (warning,) = found()
    assert (warning.area, warning.state) == ("broker", "note")
    assert warning.text.endswith("who can read it: ann")
    monkeypatch.setenv("MOE_EMBEDDED_KAFKA", "kafka")
    assert found() == ()


def test_on_a_machine_of_ones_own_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_accounts", lambda: iter(()))
    monkeypatch.setattr(machine, "_processes", lambda: iter(()))
    assert found() == ()


@pytest.mark.usefixtures("with_ann")
def test_a_distant_broker_in_the_clear_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_URL", "kafka://broker:9092")
    (warning,) = found()
    assert "every host that reaches broker:9092 can read" in warning.text
    monkeypatch.setenv("MOE_KAFKA_SECURITY_PROTOCOL", "SSL")
    assert found() == ()


def test_the_processes_of_this_machine_can_be_read() -> None:
    assert {process.pid for process in machine._processes()} or not Path("/proc/self/status").exists()


def test_the_start_says_who_can_read_the_memory_broker() -> None:
    memory = {"KAFKA_URL": "kafka://127.0.0.1:1"}
    assert [line for line in banner("http://127.0.0.1:8002", memory) if "every account on this machine" in line]
    durable = memory | {"MOE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    for given in ({}, durable):
        assert not [line for line in banner("http://127.0.0.1:8002", given) if "account" in line]
