"""Results of the recogniser on phrasings: recall by family, tool and language, and the number of wrong calls.

`python -m tests.support.planner.phrasing.report` prints the tables; `--missed` also prints missed phrasings.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from services.mcp.tools.pure.registry import invoke
from services.planner.recogniser import ToolCall, recognise
from tests.support.planner.corpora import Expected
from tests.support.planner.phrasing.families import (
    HERE,
    NEWLINE,
    TRAINING,
    Language,
    Phrasing,
    call_of,
    held_out,
    phrasings,
)
from tests.support.planner.phrasing.without_tool import prompts_without_tool

_GERMAN = frozenset((
    "ist", "sind", "von", "und", "aus", "der", "die", "das", "den", "dem", "nach", "für", "wie", "was", "welche",
    "welcher", "welches", "bitte", "hat", "um", "als", "mal", "vom", "zum", "bis", "löse", "wurzel", "fuß", "privat",
    "binär", "dezimal", "hexadezimal", "prüfen", "wann", "macht", "stunden", "tage", "durchschnitt", "mittelwert",
    "summe", "erfüllt", "feiertage", "gültig", "avogadro-konstante", "vereinfache", "vereinfachen", "ableiten",
    "invertieren", "umwandeln", "integriere", "addiere", "molekulargewicht", "netzmaske", "crc32-summe", "masse",
    "entschlüsseln", "zahlen", "dekodiere", "anzahl", "schaltjahr", "fuß?", "quartal",
))  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One phrasing, and the call that it became."""

    phrasing: Phrasing
    call: ToolCall | None

    @property
    def is_right(self) -> bool:
        return self.call is not None and is_meant(self.call, self.phrasing.call)

    @property
    def is_wrong(self) -> bool:
        """A call with other arguments than those that are meant is a false one."""
        return self.call is not None and not self.is_right


def is_meant(call: ToolCall, meant: Expected) -> bool:
    """Whether a call is the expected one, in any language of the answer.

    Calculations are compared by their exact values, digits of a number without their case.
    """
    if call.tool != meant.tool:
        return False
    if call.tool == "calculate":
        return exact(call.arguments) == exact(meant.arguments)
    return _comparable(call.arguments) == _comparable(meant.arguments) and call.focus == meant.focus


def _comparable(arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    digits = arguments.get("value")
    value = {"value": digits.lower()} if "from_base" in arguments and isinstance(digits, str) else {}
    return {**{name: argument for name, argument in arguments.items() if name != "locale"}, **value}


def exact(arguments: Mapping[str, JsonValue]) -> object:
    return invoke("calculate", arguments).result["exact"]


def outcomes(cases: Iterable[Phrasing]) -> tuple[Outcome, ...]:
    return tuple(Outcome(case, (recognise(case.text) or (None,))[0]) for case in cases)


def handwritten() -> Iterator[Phrasing]:
    """Yield the questions that were written before the rules."""
    return _questions("handwritten")


def tried() -> Iterator[Phrasing]:
    """Yield the questions that shaped the rules."""
    return _questions("tried")


def other_people() -> Iterator[Phrasing]:
    """Yield everyday questions by somebody who knew no rule; missed ones stay in."""
    return _questions("other_people")


def voices() -> Iterator[Phrasing]:
    """Yield the questions of `voices/`: each file is one style of phrasing, and states its result at first look."""
    return _questions_in("voices")


def first_look() -> Iterator[Phrasing]:
    """Yield the questions of `first_look/`: written without sight of the rules; missed ones stay in."""
    return _questions_in("first_look")


def kept() -> Iterator[Phrasing]:
    """Yield the questions of `kept/`: they shaped the rules and work, so they show losses and measure nothing else."""
    return _questions_in("kept")


def _questions_in(folder: str) -> Iterator[Phrasing]:
    for file in sorted((HERE / folder).glob("*.txt")):
        yield from _questions(f"{folder}/{file.stem}")


def _questions(name: str) -> Iterator[Phrasing]:
    call = Expected("", {})
    for line in (HERE / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            call = call_of(line)
        elif line and not line.startswith("# "):
            text = line.replace(NEWLINE, "\n")
            yield Phrasing(text, call, language_of(text), name)


def language_of(text: str) -> Language:
    words = set(text.lower().replace(":", " ").replace("?", " ").replace(",", " ").split())
    is_german = bool(words & _GERMAN) or any(letter in text.lower() for letter in "äöüß")
    return "de" if is_german else "en"


def false_calls() -> tuple[tuple[str, ToolCall], ...]:
    """Prompts without a tool that became a call."""
    return tuple((text, calls[0]) for text in prompts_without_tool() if (calls := recognise(text)) is not None)


def recall(found: Iterable[Outcome]) -> float:
    right = [outcome.is_right for outcome in found]
    return sum(right) / len(right)


def table(found: tuple[Outcome, ...], name: str, key: Callable[[Outcome], str]) -> Iterator[str]:
    """Yield one row for each value of `key`: number and recall in both languages, and wrong calls."""
    yield f"| {name} | English | German | wrong |"
    yield "|---|---|---|---|"
    for value in sorted({key(outcome) for outcome in found}):
        rows = tuple(outcome for outcome in found if key(outcome) == value)
        yield f"| {value} | {_share(rows, 'en')} | {_share(rows, 'de')} | {sum(row.is_wrong for row in rows)} |"


def _share(found: tuple[Outcome, ...], language: Language) -> str:
    rows = [outcome for outcome in found if outcome.phrasing.language == language]
    return f"{recall(rows):.1%} of {len(rows)}" if rows else ""


def lines(*, missed: bool) -> Iterator[str]:
    """Yield the report."""
    for title, cases in (
        ("Training families", tuple(phrasings(TRAINING))),
        ("Held-out families", tuple(held_out())),
        ("Handwritten before the rules", tuple(handwritten())),
        ("Handwritten, tried", tuple(tried())),
        ("Voices", tuple(voices())),
        ("Written without sight of the rules", tuple(first_look())),
        ("Everyday questions by other people", tuple(other_people())),
        ("Kept, of those that shaped the rules", tuple(kept())),
    ):
        found = outcomes(cases)
        wrong = [outcome for outcome in found if outcome.is_wrong]
        yield f"\n## {title}: {recall(found):.1%} of {len(found)}, {len(wrong)} wrong\n"
        yield from table(found, "family", lambda outcome: outcome.phrasing.family)
        yield ""
        yield from table(found, "tool", lambda outcome: outcome.phrasing.call.tool)
        yield from (f"wrong: {outcome.phrasing.text!r} -> {outcome.call}" for outcome in wrong)
        if missed:
            yield from (f"missed: {row.phrasing.call.tool}: {row.phrasing.text}" for row in found if row.call is None)
    fired = false_calls()
    prompts = len(tuple(prompts_without_tool()))
    yield f"\n## Prompts without a tool: {len(fired)} of {prompts} fire ({len(fired) / prompts:.2%})\n"
    yield from (f"fired: {text!r} -> {call}" for text, call in fired)


if __name__ == "__main__":
    sys.stdout.write("\n".join((*lines(missed="--missed" in sys.argv), "")))
