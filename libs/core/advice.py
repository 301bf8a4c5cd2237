"""The closing advice of medical and legal answers."""

from collections.abc import Collection
from typing import Literal

_ADVICE = {
    ("medical_consult", "en"): (
        "This information does not replace a medical examination: please see a doctor about your case."
    ),
    ("medical_consult", "de"): (
        "Diese Auskunft ersetzt keine ärztliche Untersuchung: Bitte wenden Sie sich mit Ihrem Fall an eine Ärztin oder "
        "einen Arzt."
    ),
    ("legal_advisor", "en"): "This information is not legal advice: please seek counsel from a lawyer about your case.",
    ("legal_advisor", "de"): (
        "Diese Auskunft ist keine Rechtsberatung: Bitte lassen Sie Ihren Fall anwaltlich prüfen."
    ),
}
ADVISED_CATEGORIES = ("medical_consult", "legal_advisor")


def with_advice(text: str, categories: Collection[str], language: Literal["en", "de"]) -> str:
    """Append the advice of the categories that the text does not end with yet. Idempotent."""
    missing = [sentence for sentence in advice(categories, language) if sentence not in _closing(text, language)]
    if not missing:
        return text
    return "\n\n".join(piece for piece in (text.rstrip(), *missing) if piece)


def advice(categories: Collection[str], language: Literal["en", "de"]) -> tuple[str, ...]:
    """The sentences for the categories, medical before legal; empty for other categories."""
    return tuple(_ADVICE[category, language] for category in ADVISED_CATEGORIES if category in categories)


def _closing(text: str, language: Literal["en", "de"]) -> list[str]:
    """The known advice at the end of the text, in any order."""
    rest, found = text.rstrip(), []
    known = advice(ADVISED_CATEGORIES, language)
    while ending := next((sentence for sentence in known if rest.endswith(sentence)), ""):
        found.append(ending)
        rest = rest.removesuffix(ending).rstrip()
    return found
