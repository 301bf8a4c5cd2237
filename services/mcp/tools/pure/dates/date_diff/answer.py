"""A distance between dates as one sentence, in English or German."""

from collections.abc import Mapping
from datetime import date

from services.mcp.contract import AnswerStyle, Language
from services.mcp.tools.pure.dates.date_diff.models import DateDiffResult
from services.mcp.tools.pure.dates.names import Unit, counted, dated

FOCUSES = ("days", "weeks", "calendar")
_AND: Mapping[Language, str] = {"en": " and ", "de": " und "}


def phrase(result: DateDiffResult, style: AnswerStyle) -> str:
    """One sentence whose first amount is the one in focus; the others follow in parentheses."""
    language = style.language
    amounts = _amounts(result, language)
    first = amounts[style.focus or "days"]
    others = "; ".join(text for text in dict.fromkeys(amounts.values()) if text != first)
    distance = f"{first} ({others})" if others else first
    start, end = (dated(date.fromisoformat(day.date), language) for day in (result.date1, result.date2))
    if language == "de":
        direction = " zurück" if result.days < 0 else ""
        verb = "ist" if first.startswith("1 ") and " und " not in first else "sind"
        return f"Vom {start} bis zum {end} {verb} es {distance}{direction}."
    direction = " back" if result.days < 0 else ""
    return f"From {start} to {end} it is {distance}{direction}."


def _amounts(result: DateDiffResult, language: Language) -> Mapping[str, str]:
    weeks, calendar = result.weeks_and_days, result.calendar
    return {
        "days": _listed(language, ("days", result.absolute_days)),
        "weeks": _listed(language, ("weeks", weeks.weeks), ("days", weeks.days)),
        "calendar": _listed(language, ("years", calendar.years), ("months", calendar.months), ("days", calendar.days)),
    }


def _listed(language: Language, *amounts: tuple[Unit, int]) -> str:
    """Omit zero amounts, unless all are zero."""
    shown = [amount for amount in amounts if amount[1]] or [amounts[-1]]
    *most, last = [counted(number, unit, language) for unit, number in shown]
    return _AND[language].join((", ".join(most), last)) if most else last
