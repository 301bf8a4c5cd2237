"""A workspace that is read and never left."""

import os
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError, ToolResult
from services.mcp.sandbox.runner import SandboxRunner, refusal
from services.mcp.tools.served.code import build
from services.mcp.tools.served.code.settings import NOT_SET, CodeSettings
from services.mcp.tools.served.code.workspace import MAX_FILE_BYTES, Workspace
from services.mcp.tools.served.documents.workshop import Workshop
from tests.support.mcp.timeouts import PATIENT_WORKSHOP

TEA = '''def brew(minutes: int = 3) -> str:
    """Make tea."""
    return "tea"


class Pot:
    def pour(self): ...
'''
SHOP = "from src.tea import Pot, brew\n\n\ndef sell() -> str:\n    return brew(5)\n\n\npot = Pot()\npot.po\n"
needs_cells = pytest.mark.skipif(refusal() is not None, reason=f"no cells here: {refusal()}")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A world-readable folder, as a workspace is: sandboxes run as an unprivileged user."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made) / "work"
        Path(made).chmod(0o755)
        for name, text in {
            "src/tea.py": TEA,
            "src/shop.py": SHOP,
            "src/__init__.py": "",
            "web/app.ts": "export class App {}\nexport async function start() {}\ninterface Shape { a: 1 }\n",
            "go/main.go": "package main\nfunc (s *Shop) Sell() int {\n}\ntype Shop struct {}\n",
            "broken.py": "def (:\n",
            "README.md": "# Shop\n",
            "node_modules/x/index.js": "function hidden() {}\n",
            ".env": "SECRET=1\n",
            ".git/config": "[core]\n",
        }.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (Path(made) / "outside.py").write_text("secret = 1\n")
        (root / "link.py").symlink_to(Path(made) / "outside.py")
        (root / "inner_link.py").symlink_to("src/tea.py")
        (root / "passwd").symlink_to("/etc/passwd")
        (root / "up").symlink_to("..")
        os.mkfifo(root / "pipe")
        yield root


@pytest.fixture
async def tools(folder: Path) -> AsyncIterator[dict[str, AnyServedTool]]:
    settings = CodeSettings.read({"MOE_WORKSPACE_DIR": str(folder)})
    async with Workshop(PATIENT_WORKSHOP) as workshop:
        yield {tool.name: tool for tool in build(settings, workshop, SandboxRunner())}


async def call(tool: AnyServedTool, args: dict[str, JsonValue]) -> ToolResult:
    return await tool.invoke(args, AnswerStyle(), Caller("a"))


async def refused(tool: AnyServedTool, args: dict[str, JsonValue]) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await call(tool, args)
    return caught.value


async def test_the_map_shows_files_and_what_they_define(tools: dict[str, AnyServedTool]) -> None:
    result = (await call(tools["repo_map"], {})).result
    files = result["files"]
    assert isinstance(files, list)
    symbols = {
        f["path"]: [(s["kind"], s["name"], s["parent"]) for s in f["symbols"]]  # type: ignore[index,call-overload,union-attr]
        for f in files
    }
    assert symbols == {
        "README.md": [],
        "broken.py": [],
        "go/main.go": [("func", "Sell", None), ("type", "Shop", None)],
        "src/__init__.py": [],
        "src/shop.py": [("def", "sell", None)],
        "src/tea.py": [("def", "brew", None), ("class", "Pot", None), ("def", "pour", "Pot")],
        "web/app.ts": [("class", "App", None), ("function", "start", None), ("interface", "Shape", None)],
    }
    assert result["folders"] == ["go", "src", "web"]


async def test_depth_is_counted_in_folders(tools: dict[str, AnyServedTool]) -> None:
    files = (await call(tools["repo_map"], {"max_depth": 1})).result["files"]
    assert isinstance(files, list)
    assert [file["path"] for file in files] == ["README.md", "broken.py"]  # type: ignore[index,call-overload]


async def test_lines_of_a_file_are_read(tools: dict[str, AnyServedTool]) -> None:
    read = await call(tools["read_file_chunked"], {"file_path": "./src//tea.py", "start_line": 2, "end_line": 3})
    assert read.result["text"] == '    """Make tea."""\n    return "tea"\n'
    assert (read.result["end_line"], read.result["total_lines"]) == (3, 7)
    rest = await call(tools["read_file_chunked"], {"file_path": "src/tea.py", "start_line": 7, "end_line": 100})
    assert (rest.result["end_line"], rest.result["text"]) == (7, "    def pour(self): ...\n")


async def test_lines_over_the_limit_and_past_the_end_are_refused(tools: dict[str, AnyServedTool], folder: Path) -> None:
    tool = tools["read_file_chunked"]
    assert (await refused(tool, {"file_path": "src/tea.py", "end_line": 201})).code == "limit_exceeded"
    assert "7 lines" in str(await refused(tool, {"file_path": "src/tea.py", "start_line": 8, "end_line": 9}))
    assert (await refused(tool, {"file_path": "src/tea.py", "start_line": 5, "end_line": 4})).code == "invalid_argument"
    (folder / "long.txt").write_text("x" * 5000 + "\nshort\n")
    long = (await call(tool, {"file_path": "long.txt"})).result
    assert (len(str(long["text"])), long["lines_cut"]) == (1000 + 1 + 6, 1)
    (folder / "image.bin").write_bytes(b"\x00\x01")
    assert "binary" in str(await refused(tool, {"file_path": "image.bin"}))


UP = ("../outside.py", "/etc/passwd", "src/../../outside.py", "src/../src/tea.py", "..", "./../outside.py", "//etc/x")
LINKS = ("up/outside.py", "up", "link.py", "inner_link.py", "passwd", "up/work/src/tea.py")
OUTSIDE = (*UP, *LINKS, ".env", ".git/config", "a\x00b")


@pytest.mark.parametrize("path", OUTSIDE)
async def test_nothing_leads_out_of_the_workspace(tools: dict[str, AnyServedTool], path: str) -> None:
    for name, args in (
        ("read_file_chunked", {"file_path": path}),
        ("repo_map", {"path": path}),
        ("lsp_query", {"file_path": path + ".py" if "py" not in path else path, "action": "signature", "symbol": "a"}),
    ):
        if name == "lsp_query" and refusal() is not None:
            continue
        error = await refused(tools[name], dict(args))
        assert error.code in {"forbidden", "not_found"}, (name, path)
        assert "root:" not in str(error)


@pytest.mark.parametrize("path", ["pipe", "src", "", "missing.py", "src/tea.py/x", "a" * 401, "x/" * 100])
async def test_what_is_no_file_is_refused(tools: dict[str, AnyServedTool], path: str) -> None:
    error = await refused(tools["read_file_chunked"], {"file_path": path})
    assert error.code in {"invalid_argument", "not_found", "forbidden", "limit_exceeded"}


def test_a_socket_is_no_file() -> None:
    with tempfile.TemporaryDirectory() as made, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{made}/s")
        with pytest.raises(ToolError):
            Workspace(Path(made)).read("s")


def test_a_folder_that_becomes_a_link_while_it_is_read_leads_nowhere(folder: Path) -> None:
    entries = Workspace(folder).walk(".", 5)
    seen = [next(entries).path]
    (folder / "src").rename(folder / "old")
    (folder / "src").symlink_to("/etc")
    seen += [entry.path for entry in entries]
    assert not [path for path in seen if path.startswith("src/")]
    assert "passwd" not in {path.rpartition("/")[2] for path in seen}


@needs_cells
async def test_a_signature_is_found_by_its_name(tools: dict[str, AnyServedTool]) -> None:
    outcome = await call(tools["lsp_query"], {"file_path": "src/tea.py", "action": "signature", "symbol": "brew"})
    assert outcome.result["signatures"] == ["brew(minutes: int=3) -> str"]
    assert outcome.result["documentation"] == "Make tea."
    assert outcome.answer == "Signature: brew(minutes: int=3) -> str."


@needs_cells
async def test_a_signature_is_found_across_files(tools: dict[str, AnyServedTool]) -> None:
    args: dict[str, JsonValue] = {"file_path": "src/shop.py", "action": "signature", "line": 5, "col": 12}
    found = (await call(tools["lsp_query"], args)).result
    assert found["signatures"] == ["brew(minutes: int=3) -> str"]
    places = found["found"]
    assert isinstance(places, list)
    assert places[0]["file"] == "src/tea.py"  # type: ignore[index,call-overload]


@needs_cells
async def test_references_are_found_in_other_files(tools: dict[str, AnyServedTool]) -> None:
    args: dict[str, JsonValue] = {"file_path": "src/tea.py", "action": "find_references", "symbol": "brew"}
    places = (await call(tools["lsp_query"], args)).result["found"]
    assert isinstance(places, list)
    assert sorted((p["file"], p["line"]) for p in places) == [  # type: ignore[index,call-overload]
        ("src/shop.py", 1),
        ("src/shop.py", 5),
        ("src/tea.py", 1),
    ]


@needs_cells
async def test_completions_are_those_of_the_type(tools: dict[str, AnyServedTool]) -> None:
    args: dict[str, JsonValue] = {"file_path": "src/shop.py", "action": "completions", "line": 9, "col": 6}
    places = (await call(tools["lsp_query"], args)).result["found"]
    assert isinstance(places, list)
    assert [place["name"] for place in places] == ["pour"]  # type: ignore[index,call-overload]


@needs_cells
async def test_a_name_or_a_place_that_is_not_there_is_told(tools: dict[str, AnyServedTool]) -> None:
    tool = tools["lsp_query"]
    missing = await refused(tool, {"file_path": "src/tea.py", "action": "signature", "symbol": "nothing"})
    assert missing.code == "not_found"
    wrong = await refused(tool, {"file_path": "src/tea.py", "action": "completions", "line": 900, "col": 1})
    assert wrong.code == "invalid_argument"


@needs_cells
async def test_code_that_is_looked_at_is_not_run(tools: dict[str, AnyServedTool], folder: Path) -> None:
    (folder / "evil.py").write_text("import os\nos.mkdir('/tmp/ran')\nopen('ran', 'w')\n\ndef trap():\n    return 1\n")
    (folder / "conftest.py").write_text("raise SystemExit('ran')\n")
    (folder / "user.py").write_text("import evil\nimport conftest\nevil.trap\n")
    args: dict[str, JsonValue] = {"file_path": "user.py", "action": "signature", "line": 3, "col": 6}
    assert (await call(tools["lsp_query"], args)).result["signatures"] == ["trap()"]
    assert not (folder / "ran").exists()


@needs_cells
async def test_links_out_of_the_workspace_are_not_followed_by_the_engine_either(
    tools: dict[str, AnyServedTool], folder: Path
) -> None:
    (folder / "user.py").write_text("import link\nlink.secret\n")
    args: dict[str, JsonValue] = {"file_path": "user.py", "action": "signature", "line": 2, "col": 6}
    assert (await call(tools["lsp_query"], args)).result["found"] == []


SECRET = "sk-very-secret-1"


def files_of(result: ToolResult) -> list[str]:
    found = result.result["found"]
    assert isinstance(found, list)
    return sorted(str(place["file"]) for place in found)  # type: ignore[index,call-overload]


@pytest.fixture
def secrets(folder: Path) -> Path:
    """A name that is used in files that are shown and in some that are not."""
    use = f'import config\nconfig.API_KEY = "{SECRET}"\n\n\ndef leak(key="{SECRET}"):\n    """{SECRET}"""\n'
    for path in (".private/local.py", "src/.hidden.py", "src/.deep/er/local.py", "src/.deep/local.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(use)
    (folder / "config.py").write_text("API_KEY = ''\n")
    (folder / "src/use.py").write_text("import config\nprint(config.API_KEY)\n")
    (folder / ".github").mkdir()
    (folder / ".github/check.py").write_text("import config\nprint(config.API_KEY)\n")
    (folder / ".gitignore").write_text("go/\n")
    (folder / "src/linked.py").symlink_to("../.private/local.py")
    (folder / "linked_folder").symlink_to(".private")
    (folder / "deep_folder").symlink_to("src/.deep/er")
    return folder


@needs_cells
async def test_references_in_files_that_are_not_shown_are_not_found(
    tools: dict[str, AnyServedTool], secrets: Path
) -> None:
    args: dict[str, JsonValue] = {"file_path": "config.py", "action": "find_references", "symbol": "API_KEY"}
    outcome = await call(tools["lsp_query"], args)
    assert set(files_of(outcome)) == {"config.py", "src/use.py", ".github/check.py"}
    assert SECRET not in str(outcome)


ROUNDABOUT = {
    "a folder on the path": "import sys\nsys.path.insert(0, '/workspace/.private')\nimport local\nlocal.leak(\n",
    "a folder behind a link": "import sys\nsys.path += ['/workspace/deep_folder/..']\nimport local\nlocal.leak(\n",
    "a link to a file": "from src import linked\n\n\nlinked.leak(\n",
    "a link to a folder": "from linked_folder import local\n\n\nlocal.leak(\n",
}


@needs_cells
@pytest.mark.parametrize("way", ROUNDABOUT)
async def test_nothing_of_files_that_are_not_shown_is_known(
    tools: dict[str, AnyServedTool], secrets: Path, way: str
) -> None:
    (secrets / "user.py").write_text(ROUNDABOUT[way])
    for column in (len(ROUNDABOUT[way].splitlines()[3]), 8):
        args: dict[str, JsonValue] = {"file_path": "user.py", "action": "signature", "line": 4, "col": column}
        outcome = await call(tools["lsp_query"], args)
        assert (outcome.result["signatures"], SECRET in str(outcome)) == ([], False)


@needs_cells
async def test_references_in_files_that_are_too_large_to_be_read_are_not_told(
    tools: dict[str, AnyServedTool], secrets: Path
) -> None:
    (secrets / "large.py").write_text(f"import config\nconfig.API_KEY\n#{'x' * MAX_FILE_BYTES}\n")
    args: dict[str, JsonValue] = {"file_path": "config.py", "action": "find_references", "symbol": "API_KEY"}
    assert "large.py" not in files_of(await call(tools["lsp_query"], args))


@needs_cells
async def test_a_text_is_not_completed_with_names_of_files(tools: dict[str, AnyServedTool], secrets: Path) -> None:
    (secrets / "user.py").write_text("open('.')\nopen('src/')\n")
    for line, column in ((1, 7), (2, 10)):
        args: dict[str, JsonValue] = {"file_path": "user.py", "action": "completions", "line": line, "col": column}
        assert files_of(await call(tools["lsp_query"], args)) == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("src/tea.py", True),
        ("link.py", False),
        ("up/outside.py", False),
        (".env", False),
        ("src", False),
        ("..", False),
    ],
)
def test_a_file_is_shown_when_it_can_be_read(folder: Path, path: str, shown: bool) -> None:
    assert Workspace(folder).shows(path) == shown


async def test_without_the_setting_the_tools_say_why() -> None:
    async with Workshop() as workshop:
        tools = build(CodeSettings.read({}), workshop, SandboxRunner())
    assert [tool.name for tool in tools] == ["repo_map", "read_file_chunked", "lsp_query"]
    assert {tool.unavailable for tool in tools} == {NOT_SET}


async def test_the_error_examples_are_refused_with_their_code(tools: dict[str, AnyServedTool]) -> None:
    for tool in tools.values():
        example = tool.describe().error_example
        assert (await refused(tool, example.args)).code == example.code
