"""Parses written numbers by the conventions of the question's language; None if two readings remain."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Tongue: TypeAlias = Literal["en", "de"] | None  # None: the question does not show its language

_DIGIT = re.compile(r"\d")
_PLAIN = re.compile(r"0|[1-9]\d*")
_GROUPED = {
    "en": re.compile(r"(?P<whole>[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?P<fraction>\d+))?"),
    "de": re.compile(r"(?P<whole>[1-9]\d{0,2}(?:\.\d{3})+)(?:,(?P<fraction>\d+))?"),
}
_DECIMAL = re.compile(r"(?P<whole>0|[1-9]\d*)(?P<mark>[.,])(?P<fraction>\d+)")
# `1.000` in a formula of a German question may be a thousand
GROUPED_IN_GERMAN = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?![.,]?\d)")
_MAY_BE_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number without grouping: its digits before and after the decimal mark, and the written separators."""

    whole: str
    fraction: str = ""
    mark: Literal["", ".", ","] = ""
    group: Literal["", ".", ","] = ""

    def written(self, mark: str) -> str:
        return f"{self.whole}{mark}{self.fraction}" if self.fraction else self.whole


def read_numeral(text: str, tongue: Tongue) -> Numeral | None:
    """The number that `text` means in a language; without a language, only if both agree."""
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
            return None  # 1.234 may be grouped thousands or a decimal
        fraction = found["fraction"] or ""
        return Numeral(found["whole"].replace(other, ""), fraction, mark if fraction else "", other)
    if found := _DECIMAL.fullmatch(text):
        return Numeral(found["whole"], found["fraction"], mark if found["mark"] == mark else other)
    return None
