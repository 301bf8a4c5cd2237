"""User-visible text of the join: progress lines, reasons and notes, in the language of the question."""

from collections.abc import Mapping

from libs.contracts.answer import Failure, MissingPart
from libs.contracts.finding import Category, Finding
from libs.contracts.part_sources import EXPERT, TOOL
from libs.contracts.plan import PlannedPart
from libs.contracts.question import Language
from libs.core.text import capped

NOTE_TASK_CHARS = 160
# Tool errors caused by the arguments; a retry fails again.
USER_ERRORS = frozenset(
    {"invalid_argument", "ambiguous", "limit_exceeded", "division_by_zero", "domain_error", "undecided"}
)
_Phrases = Mapping[Language, str]

_REASONS: Mapping[str, _Phrases] = {
    "model_unavailable": {"en": "the model could not be reached", "de": "das Modell war nicht erreichbar"},
    "model_refused": {"en": "the model refused the request", "de": "das Modell hat die Anfrage abgelehnt"},
    "context_length": {"en": "the text is too long for the model", "de": "der Text ist zu lang für das Modell"},
    "stream_broken": {"en": "the model broke off", "de": "das Modell hat mittendrin abgebrochen"},
    "deadline_exceeded": {"en": "not finished in time", "de": "nicht rechtzeitig fertig"},
}
_REFUSED: _Phrases = {"en": "{tool} cannot answer this: {why}", "de": "{tool} kann das nicht beantworten: {why}"}
_LATE = _REASONS["deadline_exceeded"]
_NOTHING: _Phrases = {"en": "it gave no result", "de": "kein Ergebnis"}
_NOTE: _Phrases = {"en": "Missing from this answer:", "de": "In dieser Antwort fehlt:"}
_PLAN: _Phrases = {"en": "Plan: {tasks} ({names})", "de": "Plan: {tasks} ({names})"}
_ONE_TASK: _Phrases = {"en": "1 task", "de": "1 Aufgabe"}
_TASKS: _Phrases = {"en": "{count} tasks", "de": "{count} Aufgaben"}
_DONE: _Phrases = {"en": "{name}: done", "de": "{name}: fertig"}
_RATED: _Phrases = {
    "en": "{name}: done ({confidence} confidence)",
    "de": "{name}: fertig (Sicherheit: {confidence})",
}
_FAILED: _Phrases = {"en": "{name}: no result, {reason}", "de": "{name}: kein Ergebnis, {reason}"}
_ONE_RESULT: _Phrases = {"en": "Writing the answer from 1 result", "de": "Schreibe die Antwort aus 1 Ergebnis"}
_RESULTS: _Phrases = {
    "en": "Merging {count} results into one answer",
    "de": "Füge {count} Ergebnisse zu einer Antwort zusammen",
}
_WEIGHING: _Phrases = {"en": "Weighing {results}", "de": "Wäge {results} ab"}
_GERMAN_CONFIDENCE = {"high": "hoch", "medium": "mittel", "low": "niedrig"}
_GERMAN_NAMES: Mapping[Category, str] = {
    "general": "Allgemeines",
    "math": "Mathematik",
    "technical_support": "Technik",
    "creative_writer": "Texte",
    "code_reviewer": "Code",
    "medical_consult": "Medizin",
    "legal_advisor": "Recht",
    "translation": "Übersetzung",
    "reasoning": "Logik",
    "vision": "Bilder",
    "data_analyst": "Daten",
    "science": "Wissenschaft",
}


def is_user_error(failure: Failure) -> bool:
    """True if the arguments made a tool fail: its explanation is then the answer."""
    return failure.code in USER_ERRORS


def refusal(tool: str, failure: Failure, language: Language) -> str:
    return _REFUSED[language].format(tool=tool, why=failure.message)


def reason_for(failure: Failure | None, language: Language, *, ended: bool) -> str:
    """A phrase that is safe for users. A failure's own message may name machines and stays internal."""
    if failure is None:
        return (_NOTHING if ended else _LATE)[language]
    if is_user_error(failure):
        return failure.message
    return _REASONS.get(failure.code, _NOTHING)[language]


def missing_note(missing: tuple[MissingPart, ...], language: Language) -> str:
    """Empty if nothing is missing."""
    if not missing:
        return ""
    lines = (f"- {capped(' '.join(part.task.split()), NOTE_TASK_CHARS)} ({part.reason})" for part in missing)
    return "\n".join((_NOTE[language], *lines))


def plan_line(parts: tuple[PlannedPart, ...], language: Language) -> str:
    names = ", ".join(_name(part, language) for part in parts)
    tasks = _ONE_TASK[language] if len(parts) == 1 else _TASKS[language].format(count=len(parts))
    return _PLAN[language].format(tasks=tasks, names=names)


def part_line(part: PlannedPart, finding: Finding | None, failure: Failure | None, language: Language) -> str:
    name = _name(part, language)
    if finding is None:
        return _FAILED[language].format(name=name, reason=reason_for(failure, language, ended=True))
    if part.kind == TOOL.kind:
        return _DONE[language].format(name=name)
    confidence = finding.confidence if language == "en" else _GERMAN_CONFIDENCE[finding.confidence]
    return _RATED[language].format(name=name, confidence=confidence)


def merge_line(count: int, language: Language) -> str:
    return _ONE_RESULT[language] if count == 1 else _RESULTS[language].format(count=count)


def thinking_line(count: int, language: Language) -> str:
    one, more = ("1 result", f"{count} results") if language == "en" else ("1 Ergebnis", f"{count} Ergebnisse")
    return _WEIGHING[language].format(results=one if count == 1 else more)


def _name(part: PlannedPart, language: Language) -> str:
    if part.call is not None:
        return part.call.tool
    if part.kind not in {EXPERT.kind, TOOL.kind}:
        return part.kind
    category = part.category or "general"
    name = category.replace("_", " ") if language == "en" else _GERMAN_NAMES[category]
    return name if part.model is None else f"{name}, {part.model.model}"
