"""The command as a whole: fast help, one-line errors, and exit codes that a script can rely on."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from libs.core.errors import ConfigurationError, Retryable
from services.__main__ import COMMANDS, Commands, moe

HEAVY = ("pydantic", "aiokafka", "asyncpg", "faststream", "fastapi", "httpx", "services.cli")


def test_help_names_every_command_and_imports_none() -> None:
    script = (
        "import sys\nfrom services.__main__ import moe\n"
        "try:\n    moe(['--help'])\nfinally:\n    print(sorted(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert all(f"  {name} " in ran.stdout for name in COMMANDS)
    assert [name for name in HEAVY if f"'{name}'" in ran.stderr] == []


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
