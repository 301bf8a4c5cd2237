"""Paraphrases by grammar: families of phrasing around the pieces of each subject.

The split is by family, not by sentence: the rules of the recogniser were written against `TRAINING`; how they do on
families of which no sentence was tried is measured on `HELD_OUT`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support.planner.corpora import Expected

Language = Literal["en", "de"]
HERE = Path(__file__).parent
NEWLINE = "⏎"  # a line break within a prompt of the text files

TRAINING: dict[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "question": ("{q}?", "{Q}", "{Q}?"),
        "imperative": ("{v}", "{V}.", "Please {v}."),
        "noun phrase": ("{n}", "{N}?", "What's {n}?"),
        "polite": ("Could you {v}, please?", "Can you please {v}?", "Would you {v} for me?"),
    },
    "de": {
        "question": ("{q}?", "{Q}", "{Q}?"),
        "imperative": ("{v}", "{V}.", "Bitte {v}."),
        "noun phrase": ("{n}", "{N}?", "Nenne mir {a}."),
        "polite": ("Kannst du bitte {i}?", "Könnten Sie {i}?", "Würdest du mir {a} nennen?"),
    },
}
HELD_OUT: dict[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "indirect question": (
            "Can you tell me {w}?",
            "Do you know {w}?",
            "I would like to know {w}.",
            "I was wondering {w}.",
        ),
        "need": ("I need {n}.", "I'm looking for {n}.", "I have to {v}.", "I'd like you to {v}."),
        "context": (
            "I'm checking my homework. {Q}?",
            "For a small script I need {n}.",
            "We are preparing a report. {V}.",
            "This is for a friend: {q}?",
        ),
        "terse": ("{t}", "{T}?", "{t} please"),
        "colloquial": ("Hey, {q}?", "quick question: {q}?", "ok so {q}", "gimme {n}", "{q} pls"),
        "closing": ("{Q}? Just the result, please.", "{V}. Thanks in advance!", "{Q}? No explanation needed."),
        "marked": ("Task: {v}", "**{Q}?**", "- {v}", "1. {V}", "Q: {Q}?"),
    },
    "de": {
        "indirect question": (
            "Kannst du mir sagen, {w}?",
            "Weißt du, {w}?",
            "Ich würde gern wissen, {w}.",
            "Mich interessiert, {w}.",
        ),
        "need": ("Ich brauche {a}.", "Ich suche {a}.", "Ich muss {i}.", "Ich möchte {i}."),
        "context": (
            "Ich prüfe gerade meine Hausaufgaben. {Q}?",
            "Für ein kleines Skript brauche ich {a}.",
            "Wir bereiten einen Bericht vor. {V}.",
            "Das ist für einen Freund: {q}?",
        ),
        "terse": ("{t}", "{T}?", "{t} bitte"),
        "colloquial": ("Hey, {q}?", "kurze Frage: {q}?", "also {q}", "gib mir mal {a}", "sag mal, {q}?"),
        "closing": ("{Q}? Nur das Ergebnis bitte.", "{V}. Vielen Dank im Voraus!", "{Q}? Ohne Erklärung."),
        "marked": ("Aufgabe: {v}", "**{Q}?**", "- {v}", "1. {V}", "Frage: {Q}?"),
    },
}


@dataclass(frozen=True)
class Subject:
    """One call, and the pieces of phrasing in both languages by their letter."""

    call: Expected
    pieces: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Phrasing:
    """One sentence with the call that it must become."""

    text: str
    call: Expected
    language: Language
    family: str


def phrasings(families: Mapping[Language, Mapping[str, tuple[str, ...]]]) -> Iterator[Phrasing]:
    """Yield every subject in every frame for which it has the piece."""
    for subject in subjects():
        for language, frames_of in families.items():
            for family, frames in frames_of.items():
                for text in dict.fromkeys(_filled(subject, language, frames)):
                    yield Phrasing(text, subject.call, language, family)


def held_out() -> Iterator[Phrasing]:
    """Yield the phrasings of the held-out families that are no sentence of a training family as well."""
    tried = {phrasing.text for phrasing in phrasings(TRAINING)}
    yield from (phrasing for phrasing in phrasings(HELD_OUT) if phrasing.text not in tried)


def subjects() -> Iterator[Subject]:
    """Yield every subject of `subjects.txt`."""
    subject = None
    for line in (HERE / "subjects.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            if subject is not None:
                yield subject
            subject = Subject(call_of(line))
        elif subject is not None and line:
            subject.pieces.setdefault(line[0], []).append(line[2:])
    if subject is not None:
        yield subject


def call_of(line: str) -> Expected:
    """Call of a line `= tool {arguments} @focus`."""
    tool, rest = line.removeprefix("= ").split(" ", 1)
    arguments, end = json.JSONDecoder().raw_decode(rest)
    return Expected(tool, arguments, rest[end:].strip().removeprefix("@") or None)


def _filled(subject: Subject, language: Language, frames: tuple[str, ...]) -> Iterator[str]:
    """A slot in capitals is the piece with a capital letter."""
    for frame in frames:
        start = frame.index("{")
        slot = frame[start : start + 3]
        letter = slot[1].lower()
        for piece in subject.pieces.get(letter if language == "en" else letter.upper(), ()):
            yield frame.replace(slot, piece[0].upper() + piece[1:] if slot[1].isupper() else piece)
