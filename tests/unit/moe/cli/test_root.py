"""The command as a whole: fast help, one-line errors, and exit codes that a script can rely on."""

import pwd
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from libs.core.errors import ConfigurationError, Retryable
from libs.testing.keys import SIGNING_KEY
from moe.cli.root import COMMANDS, GC_THRESHOLDS, Commands, moe

HEAVY = ("pydantic", "aiokafka", "asyncpg", "faststream", "fastapi", "httpx", "moe.registry", "moe.cli.context")


def test_help_names_every_command_and_imports_none() -> None:
    script = (
        "import sys\nfrom moe.cli.root import moe\n"
        "try:\n    moe(['--help'])\nfinally:\n    print(sorted(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert all(f"  {name} " in ran.stdout for name in COMMANDS)
    assert [name for name in HEAVY if f"'{name}'" in ran.stderr] == []


def test_the_collector_looks_seldom_from_the_first_import_on() -> None:
    script = (
        "import atexit, gc, sys\nfrom moe.cli.root import main\n"
        "atexit.register(lambda: print(*gc.get_threshold(), file=sys.stderr))\nsys.argv[1:] = ['--version']\nmain()"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert tuple(map(int, ran.stderr.split())) == GC_THRESHOLDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(moe, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith(f"Usage: moe {name}")


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(moe, ["dance"]).exit_code == 2


def test_the_version_is_that_of_the_distribution() -> None:
    shown = CliRunner().invoke(moe, ["--version"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("moe ")


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigurationError("KAFKA_URL: not\nset"), 2), (Retryable("the broker\nis away"), 1)]
)
def test_an_error_on_purpose_is_one_line(error: Exception, code: int) -> None:
    @click.command()
    def fails() -> None:
        raise error

    class Failing(Commands):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return fails

    shown = CliRunner().invoke(Failing("moe"), ["fails"])
    assert shown.exit_code == code
    assert shown.stderr == f"Error: {' '.join(str(error).split())}\n"


def test_a_command_without_any_address_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("POSTGRES_CHECKPOINT_URL", raising=False)
    monkeypatch.delenv("KAFKA_URL", raising=False)
    shown = CliRunner().invoke(moe, ["replay", "--response-id", "x", "--show"])
    assert shown.exit_code == 2
    assert shown.stderr.startswith("Error: POSTGRES_CHECKPOINT_URL: not set")
    shown = CliRunner().invoke(moe, ["topics", "plan"])
    assert shown.exit_code == 2
    assert shown.stderr.startswith("Error: KAFKA_URL: not set")


def nowhere(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setenv("MOE_DATA_DIR", str(data_dir))
    for name in ("POSTGRES_CHECKPOINT_URL", "KAFKA_URL", "MOE_SIGNING_KEY", "MOE_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("users", "create", "\udcff"), "argument 3 is not UTF-8"),
        (("replay", "--all", "--verify", "--limit", "0"), "0 is not in the range x>=1"),
        (("replay", "--all", "--verify", "--limit", "-1"), "-1 is not in the range x>=1"),
        (("replay", "--response-id", "x", "--at", "-1"), "-1 is not in the range x>=0"),
    ],
)
def test_what_no_command_takes_is_refused_in_a_line(arguments: tuple[str, ...], reason: str) -> None:
    shown = CliRunner().invoke(moe, arguments)
    assert shown.exit_code == 2
    assert reason in shown.stderr


@pytest.mark.parametrize("since", ["99999999999d", "0001-01-01", "9" * 5000 + "m"])
def test_a_time_that_no_calendar_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: str) -> None:
    nowhere(monkeypatch, tmp_path)
    monkeypatch.setenv("POSTGRES_CHECKPOINT_URL", "postgresql://127.0.0.1:1/x")
    monkeypatch.setenv("MOE_SIGNING_KEY", SIGNING_KEY)
    shown = CliRunner().invoke(moe, ["replay", "--all", "--verify", "--since", since])
    assert isinstance(shown.exception, SystemExit)


def test_an_account_without_a_name_may_settle_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unnamed(_uid: int) -> None:
        raise KeyError

    nowhere(monkeypatch, tmp_path)
    monkeypatch.setattr(pwd, "getpwuid", unnamed)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    shown = CliRunner().invoke(moe, ["dlq", "drop", "some-letter"])
    assert shown.stderr.startswith("Error: POSTGRES_CHECKPOINT_URL: not set")


@pytest.mark.parametrize(
    ("command", "file", "variable"),
    [
        ("audit key", "audit.key", "MOE_AUDIT_KEY"),
        ("doctor", "audit.key", "MOE_AUDIT_KEY"),
        ("doctor", "signing.key", "MOE_SIGNING_KEY"),
    ],
)
def test_a_key_that_cannot_be_read_is_not_told_as_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, variable: str, command: str
) -> None:
    nowhere(monkeypatch, tmp_path)
    (tmp_path / file).mkdir()
    shown = CliRunner().invoke(moe, command.split())
    assert isinstance(shown.exception, SystemExit)
    assert f"{variable}: not set, and {tmp_path / file} cannot be read: Is a directory" in shown.output
