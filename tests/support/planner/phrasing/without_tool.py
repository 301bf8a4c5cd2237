"""Prompts that no tool answers: questions that look like a call and want something else, and ordinary questions."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

from tests.support.planner.phrasing.families import HERE, NEWLINE, Language, subjects

NEAR_MISSES: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "Explain {n} to a child.",
        "Why is {n} what it is?",
        "How do I {v} in Excel?",
        "Write Python code to {v}.",
        "Do not {v}.",
        "Don't {v}, just tell me what you think of it.",
        "What does the question '{q}' mean?",
        'Translate "{Q}?" into French.',
        "You are a pirate. {Q}?",
        "{Q}? Explain every step.",
        "{Q} and what is the capital of France?",
        "Write a story in which somebody wonders {w}.",
        "Is it hard to {v} by hand?",
        "My teacher says that {n} is wrong. Is she right?",
        "{Q} in the year 1800?",
        "Who was the first to {v}?",
        "Never {v} again.",
        "Describe how a computer would {v}.",
        "{Q}? Answer in rhyme.",
        "If I {v}, will my boss be happy?",
        "Rephrase this: {q}?",
        "What would happen if nobody could {v}?",
    ),
    "de": (
        "Erkläre einem Kind {a}.",
        "Warum ist {n} so?",
        "Wie kann ich in Excel {i}?",
        "Schreibe ein Programm, um {i} zu können.",
        "Bitte nicht {i}.",
        "Was bedeutet die Frage '{q}'?",
        'Übersetze "{Q}?" ins Englische.',
        "Du bist ein Pirat. {Q}?",
        "{Q}? Erkläre jeden Schritt.",
        "{Q} und was ist die Hauptstadt von Frankreich?",
        "Schreibe eine Geschichte, in der jemand fragt, {w}.",
        "Mein Lehrer sagt, {n} ist falsch. Hat er recht?",
        "{Q} im Jahr 1800?",
        "Wer konnte zuerst {i}?",
        "{Q}? Antworte in Reimen.",
        "Wenn ich {i} kann, freut sich mein Chef?",
        "Formuliere um: {q}?",
        "Wozu muss man {i}?",
    ),
}

_TOPICS_EN = (
    "lighthouses", "the French Revolution", "photosynthesis", "Rust lifetimes", "sourdough bread", "tax law in Ireland",
    "the offside rule", "black holes", "sha256", "Roman numerals", "cron", "leap years", "base64", "the IBAN system",
    "prime numbers", "subnet masks", "derivatives", "UUIDs", "time zones in Russia", "Avogadro's life", "regex engines",
    "the median voter", "JSON schemas", "calendar weeks", "semantic versioning", "the metric system",
    "working days in history", "matrix films", "the Luhn algorithm", "colour theory",
)  # fmt: skip
_FRAMES_EN = (
    "What is {}?", "Explain {} briefly.", "Why does {} matter?", "How does {} work?", "Write a poem about {}.",
    "Who invented {}?", "Give me three facts about {}.", "What are the drawbacks of {}?",
    "Summarise {} in 5 sentences.",
    "Recommend 3 books about {}.", "When was {} first described?", "Is {} still relevant in 2026?",
    "What is the difference between {} and {}?", "I have 2 hours to learn {}. Where do I start?",
    "My 10 year old wants to know about {}.", "Translate '{}' into German.", "Compare {} with 2 alternatives.",
    "Write a 500 word essay on {}.", "Can you quiz me on {}?", "What is the history of {} from 1900 to 2000?",
    "Count the reasons for {}.", "Convert my notes on {} into slides.", "Find the best video about {}.",
    "How many people know about {}?", "Simplify {} for beginners.", "What day should I teach {}?",
    "Check this sentence about {}: it is 100% true.", "Solve my problem with {}.",
)  # fmt: skip
_TOPICS_DE = (
    "Leuchttürme", "die Französische Revolution", "Photosynthese", "Sauerteig", "das Steuerrecht", "Abseits",
    "Schwarze Löcher", "SHA-256", "römische Zahlen", "Cron", "Schaltjahre", "Base64", "die IBAN", "Primzahlen",
    "Subnetzmasken", "Ableitungen", "UUIDs", "Zeitzonen", "Avogadro", "reguläre Ausdrücke", "den Median", "JSON",
    "Kalenderwochen", "Versionsnummern", "das metrische System", "Arbeitstage", "Matrizen", "Farbenlehre",
)  # fmt: skip
_FRAMES_DE = (
    "Erkläre mir {} in 3 Sätzen.", "Schreibe ein Gedicht über {}.", "Was weißt du über {}?", "Wie lerne ich {}?",
    "Warum gibt es {}?", "Wer hat {} erfunden?", "Nenne mir 3 Bücher über {}.", "Was hältst du von {} im Jahr 2026?",
    "Ich habe 2 Stunden Zeit für {}. Wo fange ich an?", "Wie viele Leute kennen {}?", "Übersetze '{}' ins Englische.",
    "Zähle 5 Gründe für {} auf.", "Berechne, wie oft man {} braucht.", "Prüfe meinen Text über {}.",
    "Welcher Tag eignet sich für {}?", "Rechne mir vor, was {} kostet.", "Was ist der Unterschied zu {}?",
    "Löse mein Problem mit {}.",
)  # fmt: skip


def prompts_without_tool() -> Iterator[str]:
    """Yield every prompt once."""
    yield from dict.fromkeys(
        (*_near_misses(), *_ordinary(), *handwritten_without_tool(), *around_clauses(), *lookalikes())
    )


def handwritten_without_tool() -> Iterator[str]:
    """Yield the prompts of `without_tool.txt` and `without_tool_everyday.txt`."""
    yield from _lines(HERE / "without_tool.txt")
    yield from _lines(HERE / "without_tool_everyday.txt")


def around_clauses() -> Iterator[str]:
    """Yield the prompts in which a clause changes the request, or only seems to need a tool."""
    yield from _lines(HERE / "without_tool_clauses.txt")


def lookalikes() -> Iterator[str]:
    """Yield the prompts about the subjects of the tools, with their values, that need a model."""
    yield from _lines(HERE / "without_tool_lookalikes.txt")


def tried_without_tool() -> Iterator[str]:
    """Yield the prompts that shaped the rules: none of them may fire."""
    yield from _lines(HERE / "without_tool_tried.txt")


def _near_misses() -> Iterator[str]:
    for subject, language in product(subjects(), ("en", "de")):
        for frame in NEAR_MISSES["en" if language == "en" else "de"]:
            start = frame.index("{")
            slot = frame[start : start + 3]
            letter = slot[1].lower() if language == "en" else slot[1].upper()
            for piece in subject.pieces.get(letter, ())[:1]:
                yield frame.replace(slot, piece[0].upper() + piece[1:] if slot[1].isupper() else piece)


def _ordinary() -> Iterator[str]:
    for topics, frames in ((_TOPICS_EN, _FRAMES_EN), (_TOPICS_DE, _FRAMES_DE)):
        for place, topic in enumerate(topics):
            yield from (frame.format(topic, topics[place - 1]) for frame in frames)


def _lines(path: Path) -> Iterator[str]:
    lines = path.read_text("utf-8").splitlines()
    yield from (line.replace(NEWLINE, "\n") for line in lines if line and not line.startswith("# "))
