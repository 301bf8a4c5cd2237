"""`moe` in the process of the test: output and exit code of a command, without the start of a process.

At least one test of each command runs it as a separate process, as an operator does.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from click.testing import CliRunner, Result

from moe.cli.root import moe as command


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def moe_process(variables: Mapping[str, str], *arguments: str) -> Ended:
    """Run a command with these variables alone, as a separate process."""
    command_line = [sys.executable, "-m", "moe", *arguments]
    environment = {"PATH": os.defpath, **variables}
    done = subprocess.run(command_line, env=environment, capture_output=True, text=True, timeout=180, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def moe_here(variables: Mapping[str, str], *arguments: str) -> Ended:
    """Run a command with these variables alone, in a thread, because commands run their own event loops."""
    results: list[Result] = []
    environment = {name: None for name in os.environ} | {"PATH": os.defpath, **variables}  # noqa: TID251 - taken away
    runner = CliRunner(env=environment)
    thread = threading.Thread(target=lambda: results.append(runner.invoke(command, arguments, prog_name="moe")))
    thread.start()
    thread.join()
    (result,) = results
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)
