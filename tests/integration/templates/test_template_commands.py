"""`moe templates` and `moe profiles`, as an operator types them."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer
from moe.cli.context.embedded_stores import ENDPOINTS_FILE
from moe.cli.context.operators import attributed
from moe.cli.root import moe

RACKS = {"id": "racks", "name": "Rack experts", "judge_prompt": "Cite."}
BRIDGES = {"id": "bridges", "name": "Bridge experts"}
NATIVE = {"id": "native", "name": "Native", "moe_mode": "native"}
SERVERS = '[{"name": "gpu-1", "url": "http://127.0.0.1:9/v1"}]'


class Shell:
    """`moe`, with the database address."""

    def __init__(self, url: str, folder: Path) -> None:
        self._told = {"POSTGRES_CHECKPOINT_URL": url, **every_root(SIGNING_KEY), "MOE_DATA_DIR": str(folder)}
        self._folder = folder

    def ran(self, *arguments: str, given: str | None = None, servers: str = "") -> Result:
        told = {**self._told, "INFERENCE_SERVERS": servers}
        return CliRunner().invoke(moe, arguments, env=told, input=given)

    def says(self, *arguments: str, given: str | None = None) -> str:
        result = self.ran(*arguments, given=given)
        assert result.exit_code == 0, result.stderr
        return result.stdout.strip()

    def file(self, name: str, content: object) -> str:
        path = self._folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return str(path)


@pytest.fixture
def shell(owner_url: str, tmp_path: Path) -> Shell:
    return Shell(owner_url, tmp_path)


@pytest_asyncio.fixture
async def model_url() -> AsyncIterator[str]:
    async with ModelServer() as server:
        yield server.url


def test_several_files_are_imported_together_and_listed(shell: Shell) -> None:
    done = shell.says("templates", "import", shell.file("a.json", RACKS), shell.file("b.json", [BRIDGES]))
    assert [line.split()[0] for line in done.splitlines()] == ["racks", "bridges"]
    listed = shell.says("templates", "list").splitlines()
    assert [line.split("  ")[:2] for line in listed] == [["bridges", "Bridge experts"], ["racks", "Rack experts"]]


def test_what_is_exported_can_be_imported(shell: Shell, tmp_path: Path) -> None:
    shell.says("templates", "import", "-", given=json.dumps([RACKS, BRIDGES]))
    exported = shell.says("templates", "export")
    assert json.loads(exported) == {"templates": [BRIDGES, RACKS]}
    shell.says("templates", "delete", "racks", "bridges")
    assert shell.says("templates", "list") == ""
    shell.says("templates", "import", "-", given=exported)
    shell.says("templates", "export", "racks", "-o", str(tmp_path / "one.json"))
    assert json.loads((tmp_path / "one.json").read_text("utf-8")) == {"templates": [RACKS]}


def test_one_file_that_does_not_fit_keeps_all_of_them_out(shell: Shell) -> None:
    good, bad = shell.file("a.json", RACKS), shell.file("b.json", {**BRIDGES, "colour": "red"})
    result = shell.ran("templates", "import", good, bad)
    assert result.exit_code == 1
    assert f"{bad}: bridges: colour: no such field" in result.stderr
    assert shell.says("templates", "list") == ""


@pytest.mark.parametrize(
    ("content", "told"), [("{", "not valid JSON (line 1"), ("7", "template: must be a JSON object")]
)
def test_what_is_no_template_is_told_with_its_file(shell: Shell, content: str, told: str) -> None:
    path = shell.file("x.json", content)
    assert f"{path}: {told}" in shell.ran("templates", "import", path).stderr


def test_a_file_that_is_not_there_is_told(shell: Shell) -> None:
    assert "nowhere.json: No such file" in shell.ran("templates", "import", "nowhere.json").stderr


def test_what_is_not_built_is_a_warning_beside_the_result(shell: Shell) -> None:
    result = shell.ran("templates", "import", "--json", shell.file("a.json", {**RACKS, "enable_habe": True}))
    assert "warning: racks: enable_habe: nothing here honours it yet" in result.stderr
    assert json.loads(result.stdout)["change"] == "created"


def test_a_server_that_is_not_configured_is_an_error(shell: Shell) -> None:
    path = shell.file("a.json", {**RACKS, "judge_model": "big:70b@gpu-9"})
    result = shell.ran("templates", "import", path, servers=SERVERS)
    assert result.exit_code == 1
    assert "racks: judge_model: no server in INFERENCE_SERVERS is named 'gpu-9'" in result.stderr
    assert shell.says("templates", "list") == ""


def test_beside_a_fleet_its_servers_are_meant(shell: Shell) -> None:
    shell.file(ENDPOINTS_FILE, {"pid": os.getpid(), "inference_servers": SERVERS})
    result = shell.ran("templates", "import", shell.file("a.json", {**RACKS, "judge_model": "big:70b@gpu-9"}))
    assert result.exit_code == 1
    assert "racks: judge_model: no server in INFERENCE_SERVERS is named 'gpu-9'" in result.stderr


def test_a_server_that_is_away_is_a_warning(shell: Shell) -> None:
    path = shell.file("a.json", {**RACKS, "judge_model": "big:70b@gpu-1"})
    result = shell.ran("templates", "import", path, servers=SERVERS)
    assert result.exit_code == 0
    assert "warning: models of gpu-1 were not looked for" in result.stderr


def test_a_window_that_an_ollama_server_is_not_told_of_is_a_warning(shell: Shell) -> None:
    servers = json.dumps([{"name": "gpu-1", "url": "http://127.0.0.1:9/v1", "api_type": "ollama"}])
    expert = {"context_window": 8000, "models": [{"model": "a:7b", "endpoint": "gpu-1"}]}
    path = shell.file("a.json", {"id": "narrow", "name": "Narrow", "experts": {"math": expert}})
    told = "warning: narrow: gpu-1 does not receive context_window: set OLLAMA_CONTEXT_LENGTH there"
    assert told in shell.ran("templates", "import", path, servers=servers).stderr
    assert told not in shell.ran("templates", "import", path, servers=SERVERS).stderr


async def test_a_model_that_its_server_does_not_list_is_a_warning(shell: Shell, model_url: str) -> None:

    servers = json.dumps([{"name": "gpu-1", "url": model_url}])
    path = shell.file("a.json", {**RACKS, "judge_model": "big:70b@gpu-1"})
    result = await asyncio.to_thread(shell.ran, "templates", "import", path, servers=servers)
    assert result.exit_code == 0
    assert "racks: gpu-1 has no 'big:70b' yet" in result.stderr


def test_where_no_servers_are_configured_nobody_looked(shell: Shell) -> None:
    assert "were not checked" in shell.ran("templates", "import", shell.file("a.json", RACKS)).stderr


def test_one_is_shown_with_its_history(shell: Shell) -> None:
    shell.says("templates", "import", "--operator", "ada", shell.file("a.json", RACKS))
    shown: Mapping[str, object] = json.loads(shell.says("templates", "show", "racks"))
    assert {name: shown[name] for name in RACKS} == RACKS
    assert shown["updated_by"] == attributed("ada")
    assert json.loads(shell.says("templates", "list", "--json"))["version"] == shown["version"]


def test_what_is_not_there_cannot_be_shown_exported_or_deleted(shell: Shell) -> None:
    for command in ("show", "export", "delete"):
        result = shell.ran("templates", command, "racks")
        assert (result.exit_code, "no template 'racks'" in result.stderr) == (1, True)


def test_profiles_have_the_same_commands(shell: Shell) -> None:
    shell.says("profiles", "import", shell.file("p.json", {"profiles": [NATIVE]}))
    assert json.loads(shell.says("profiles", "export")) == {"profiles": [NATIVE]}
    assert json.loads(shell.says("profiles", "show", "native"))["moe_mode"] == "native"
    shell.says("profiles", "delete", "native")
    assert shell.says("profiles", "list") == ""


def test_the_reference_profiles_can_be_imported(shell: Shell) -> None:
    folder = Path(__file__).resolve().parents[3] / "docs" / "profiles"
    files = sorted(str(path) for path in folder.glob("*.json"))
    done = shell.says("profiles", "import", *files)
    assert [line.split()[0] for line in done.splitlines()] == ["ref-native", "ref-orchestrated", "ref-reasoning"]


def test_a_profile_whose_template_is_not_there_yet_is_kept_with_a_warning(shell: Shell) -> None:
    path = shell.file("p.json", {**NATIVE, "expert_template_id": "racks"})
    result = shell.ran("profiles", "import", path)
    assert result.exit_code == 0
    assert "warning: native: there is no template 'racks' yet" in result.stderr
    shell.says("templates", "import", shell.file("t.json", RACKS))
    assert "racks" not in shell.ran("profiles", "import", path).stderr
