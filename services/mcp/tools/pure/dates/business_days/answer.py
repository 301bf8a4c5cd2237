"""Business days as one sentence."""

from datetime import date

from services.mcp.contract import AnswerStyle
from services.mcp.tools.pure.dates.business_days.models import BusinessDaysResult
from services.mcp.tools.pure.dates.names import dated


def phrase(result: BusinessDaysResult, style: AnswerStyle) -> str:
    """One sentence: the count with and without the first day, or the day reached."""
    start, end = (dated(date.fromisoformat(day.date), style.language) for day in (result.start, result.end))
    where = result.country if result.region is None else f"{result.country}-{result.region}"
    if result.asked == "add":
        return _reached(result, style, start=start, end=end, where=where)
    count, after = result.business_days, result.after_start
    if style.language == "de":
        return (
            f"Vom {start} bis zum {end}: {count} Arbeitstag{'' if abs(count) == 1 else 'e'} ({where}), beide Enden "
            f"gezählt; {after} ohne den ersten Tag."
        )
    return (
        f"From {start} to {end}: {count} business day{'' if abs(count) == 1 else 's'} ({where}), both ends counted; "
        f"{after} without the first day."
    )


def _reached(result: BusinessDaysResult, style: AnswerStyle, *, start: str, end: str, where: str) -> str:
    number = result.after_start
    sign = "-" if result.calendar_days < 0 else "+"
    if style.language == "de":
        return f"{start} {sign} {abs(number)} Arbeitstag{'' if abs(number) == 1 else 'e'} ({where}): {end}."
    return f"{start} {sign} {abs(number)} business day{'' if abs(number) == 1 else 's'} ({where}): {end}."
