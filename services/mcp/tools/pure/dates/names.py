"""Names of weekdays and months, and how a day is written, in English and German."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from services.mcp.contract import Language

Locale = Literal["de", "en"]
Unit = Literal["years", "months", "weeks", "days"]

WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
}
_UNITS: Mapping[Language, Mapping[Unit, tuple[str, str]]] = {
    "en": {
        "years": ("year", "years"),
        "months": ("month", "months"),
        "weeks": ("week", "weeks"),
        "days": ("day", "days"),
    },
    "de": {
        "years": ("Jahr", "Jahre"),
        "months": ("Monat", "Monate"),
        "weeks": ("Woche", "Wochen"),
        "days": ("Tag", "Tage"),
    },
}


def counted(number: int, unit: Unit, language: Language) -> str:
    """`1 day`, `2 days`, `1 Tag`, `2 Tage`."""
    return f"{number} {_UNITS[language][unit][number != 1]}"


def weekday_name(day: date, language: Language) -> str:
    return WEEKDAYS[language][day.weekday()]


def month_name(day: date, language: Language) -> str:
    return MONTHS[language][day.month - 1]


def short_day(day: date, language: Language) -> str:
    """`2024-03-10` or `10.03.2024`."""
    return day.isoformat() if language == "en" else f"{day.day:02}.{day.month:02}.{day.year:04}"


def dated(day: date, language: Language) -> str:
    """`2024-03-10 (Sunday)` or `10.03.2024 (Sonntag)`."""
    return f"{short_day(day, language)} ({weekday_name(day, language)})"


def long_day(day: date, language: Language) -> str:
    """`Sunday, 10 March 2024` or `Sonntag, 10. März 2024`."""
    dot = "." if language == "de" else ""
    return f"{weekday_name(day, language)}, {day.day}{dot} {month_name(day, language)} {day.year}"
