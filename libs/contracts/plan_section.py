"""The plan as a section of the answer, on request: built from the parts, never by a model."""

import re

from libs.contracts.plan import PlannedPart
from libs.contracts.question import Language, Question
from libs.core.text import capped

TASK_CHARS = 240
_WORDS = {
    "en": {"plan": "Plan", "answer": "Answer", "after": "after {numbers}", "tool": "tool"},
    "de": {"plan": "Plan", "answer": "Antwort", "after": "nach {numbers}", "tool": "Werkzeug"},
}
_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


def preface_of(parts: tuple[PlannedPart, ...], question: Question) -> str:
    """In mode `plan` the plan section up to the heading of the answer, else empty."""
    return plan_section(parts, question.language) if question.mode == "plan" else ""


def plan_section(parts: tuple[PlannedPart, ...], language: Language) -> str:
    """Numbered markdown list under a heading, followed by the heading of the answer."""
    words = _WORDS[language]
    numbers = {part.id: number for number, part in enumerate(parts, start=1)}
    lines = (f"{numbers[part.id]}. {_line(part, numbers, language)}" for part in parts)
    return "\n".join((f"## {words['plan']}", "", *lines, "", f"## {words['answer']}", "", ""))


def _line(part: PlannedPart, numbers: dict[str, int], language: Language) -> str:
    words = _WORDS[language]
    who = f"{words['tool']} {part.call.tool}" if part.call is not None else (part.category or "general")
    who = who.replace("_", " ") if part.model is None else f"{who.replace('_', ' ')}, {part.model.model}"
    task = _MARKUP.sub(r"\\\1", capped(" ".join(part.task.split()), TASK_CHARS))
    needed = ", ".join(str(numbers[need]) for need in part.needs if need in numbers)
    after = f" ({words['after'].format(numbers=needed)})" if needed else ""
    return f"**{who}**: {task}{after}"
