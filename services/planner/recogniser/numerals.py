"""Written numbers, read by the habits of the language of the question; None where two readings are left."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Tongue: TypeAlias = Literal["en", "de"] | None  # None: nothing in the question tells the language

_PLAIN = re.compile(r"0|[1-9]\d*")
_GROUPED = {
    "en": re.compile(r"(?P<whole>[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?P<fraction>\d+))?"),
    "de": re.compile(r"(?P<whole>[1-9]\d{0,2}(?:\.\d{3})+)(?:,(?P<fraction>\d+))?"),
}
_DECIMAL = re.compile(r"(?P<whole>0|[1-9]\d*)(?P<mark>[.,])(?P<fraction>\d+)")
_MAY_BE_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number without grouping: its digits before and after the decimal mark, and the separators that were written."""

    whole: str
    fraction: str = ""
    mark: Literal["", ".", ","] = ""
    group: Literal["", ".", ","] = ""

    def written(self, mark: str) -> str:
        return f"{self.whole}{mark}{self.fraction}" if self.fraction else self.whole


def read_numeral(text: str, tongue: Tongue) -> Numeral | None:
    """Return the number that `text` means in a language; without one, only if both languages agree."""
    if _PLAIN.fullmatch(text):
        return Numeral(text)
    if tongue is not None:
        return _read(text, tongue)
    readings = {reading for language in ("en", "de") if (reading := _read(text, language))}
    return readings.pop() if len(readings) == 1 and not _MAY_BE_GROUPED.fullmatch(text) else None


def _read(text: str, language: Literal["en", "de"]) -> Numeral | None:
    mark: Literal[".", ","] = "." if language == "en" else ","
    other: Literal[".", ","] = "," if language == "en" else "."
    if found := _GROUPED[language].fullmatch(text):
        if language == "de" and _MAY_BE_GROUPED.fullmatch(text):
            return None  # 1.234 is a thousand to some and a decimal to those who calculate
        fraction = found["fraction"] or ""
        return Numeral(found["whole"].replace(other, ""), fraction, mark if fraction else "", other)
    if found := _DECIMAL.fullmatch(text):
        return Numeral(found["whole"], found["fraction"], mark if found["mark"] == mark else other)
    return None
