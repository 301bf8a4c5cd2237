"""Content of the baseline, as the current tree has it."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from moe.cli.root import moe
from tests.contract.rules import ROOT

FOLDER = Path(__file__).parent
TABLES = ROOT / "tools/renames"
_TEST = re.compile(r"^ *(?:async )?def test_", re.MULTILINE)


def help_tree() -> str:
    """`moe … --help` of every command, 100 columns wide."""
    return "".join(
        f"$ {name} --help\n{text}\n\n" for name, text in _help_pages(moe, click.Context(moe, info_name="moe"))
    )


def _help_pages(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    context.terminal_width = context.max_content_width = 100
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _help_pages(inner, click.Context(inner, parent=context, info_name=name))


def digests(files: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of the generated schemas and of the flow page."""
    kept = {path: text for path, text in files.items() if path.startswith("schemas/") or path == "docs/flow.md"}
    return {path: hashlib.sha256(text.encode()).hexdigest() for path, text in sorted(kept.items())}


def counts_of_tests() -> dict[str, int]:
    """Test functions of each file below tests/; parameters do not count."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return {str(path.relative_to(ROOT)): len(_TEST.findall(path.read_text())) for path in paths}


def by_folder(counts: Mapping[str, int], moves: Mapping[str, str]) -> Counter[str]:
    """Tests of each folder, with files where the tables moved them to."""
    folders: Counter[str] = Counter()
    for path, count in counts.items():
        folders[str(Path(_moved(path, moves)).parent)] += count
    return folders


def _moved(path: str, moves: Mapping[str, str]) -> str:
    for source, target in moves.items():  # in the order of the tables
        if path == source or path.startswith(f"{source}/"):
            path = target + path[len(source) :]
    return path


def lost(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Folders with fewer tests than before."""
    return [
        f"{name}: {count} tests became {now.get(name, 0)}" for name, count in before.items() if now.get(name, 0) < count
    ]


def by_package(files: list[str]) -> Counter[str]:
    """How many of the files are of each package: `services/gateway`, `libs/runtime` and so on."""
    return Counter("/".join(file.split("/")[:2]) for file in files)


def as_text(document: object) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
