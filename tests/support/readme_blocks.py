"""README.md as blocks that can be run."""

import re
from dataclasses import dataclass
from pathlib import Path

from libs.testing.processes import IMPORT_ROOT

README = (IMPORT_ROOT / "README.md").read_text("utf-8")
_BLOCK = re.compile(
    r"(?:<!-- example: (?P<name>[a-z-]+) -->\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block. `name` is that of its marker, empty without one."""

    name: str
    language: str
    code: str


def blocks(text: str) -> tuple[Block, ...]:
    """Fenced blocks of a page, in order."""
    return tuple(Block(found["name"] or "", found["language"], found["code"]) for found in _BLOCK.finditer(text))


def example(name: str, replacements: dict[str, str] | None = None) -> str:
    """Code of a marked block with addresses replaced by those of a test; each of them must be in it."""
    (code,) = (block.code for block in blocks(README) if block.name == name)
    for old, new in (replacements or {}).items():
        assert old in code, f"the example {name} says nothing about {old}"
        code = code.replace(old, new)
    return code


def commands_in_text(text: str) -> tuple[set[str], set[str]]:
    """Targets of `make` and the commands of `moe` that a page names anywhere."""
    targets = set(re.findall(r"(?<![\w/.-])make ([a-z-]+)", text))
    commands = set(re.findall(r"(?<![\w-])moe ([a-z]+)(?![\w:])", text))
    return targets, commands


def targets_of(makefile: Path) -> set[str]:
    """Targets that `make help` lists."""
    return set(re.findall(r"^([a-z-]+):.*##", makefile.read_text(), re.MULTILINE))
