"""The phrasings that were fixed before the recogniser was written: those it must recognise, and those it must not.

A file of positives lists calls, each as `= tool {arguments} @focus`, then `> ` and what the tool's answer must say,
followed by questions for exactly that call.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Expected:
    """A call as it must be made; `focus` is None where the tool's summary answers."""

    tool: str
    arguments: dict[str, JsonValue]
    focus: str | None = None
    answer: str = ""


def positives() -> Iterator[tuple[str, Expected]]:
    """Yield every question with its call."""
    for path in sorted((HERE / "positive").glob("*.txt")):
        expected = Expected("", {})
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("= "):
                expected = _call(line)
            elif line.startswith("> "):
                expected = replace(expected, answer=line.removeprefix("> "))
            elif line:
                yield line, expected


def third_look() -> Iterator[tuple[str, str]]:
    """Yield questions with their tool, written after the grammars, to detect overfitting."""
    for line in (HERE / "third_look.txt").read_text("utf-8").splitlines():
        tool, question = line.split("|", 1)
        yield question, tool


def negatives() -> Iterator[str]:
    """Yield every handwritten prompt that no tool answers."""
    for path in sorted((HERE / "negative").glob("*.txt")):
        yield from _prompts(path)


def traps() -> Iterator[str]:
    """Yield the prompts of which none may fire: they look like a call, and would get a wrong answer."""
    yield from _prompts(HERE / "negative" / "two_readings.txt")


def _prompts(path: Path) -> Iterator[str]:
    yield from (line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("# "))


def _call(line: str) -> Expected:
    tool, rest = line.removeprefix("= ").split(" ", 1)
    arguments, end = json.JSONDecoder().raw_decode(rest)
    return Expected(tool, arguments, rest[end:].strip().removeprefix("@") or None)
