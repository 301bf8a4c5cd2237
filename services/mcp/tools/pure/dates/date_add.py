"""`date_add`: the date some years, months and days after or before another."""

from datetime import date, timedelta

from pydantic import Field

from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    ErrorExample,
    Example,
    Language,
    Limit,
    Tool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.pure.dates.calendar import months_after, read_date
from services.mcp.tools.pure.dates.days import (
    DATE_CHARS,
    DATE_FORMS,
    MAX_DATE_CHARS,
    CalendarSystem,
    DatedDay,
    dated_day,
)
from services.mcp.tools.pure.dates.names import Unit, counted, dated

MAX_DAYS, MAX_MONTHS, MAX_YEARS = 3_660_000, 120_000, 10_000
ADD_RULE = (
    "years and months first, as one number of months; a day that the month reached does not have becomes its last "
    "day; then days"
)
_UNITS: tuple[Unit, Unit, Unit] = ("years", "months", "days")


class DateAddArguments(ToolModel):
    """A date and what is added to it; negative numbers go back."""

    base_date: str = Field(min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)
    days: int = Field(default=0, ge=-MAX_DAYS, le=MAX_DAYS)
    months: int = Field(default=0, ge=-MAX_MONTHS, le=MAX_MONTHS)
    years: int = Field(default=0, ge=-MAX_YEARS, le=MAX_YEARS)


class DateAddResult(ToolModel):
    """The date reached. `clamped` says that a month was too short for the day."""

    base_date: DatedDay
    result: DatedDay
    years: int
    months: int
    days: int
    clamped: bool
    day_difference: int = Field(description="result - base_date in days")
    calendar_system: CalendarSystem = "proleptic_gregorian"
    add_rule: str = ADD_RULE


def date_add(arguments: DateAddArguments) -> DateAddResult:
    """Date reached by `ADD_RULE`. Raises ToolError."""
    base = read_date(arguments.base_date, "base_date")
    try:
        in_month = months_after(base, arguments.years * 12 + arguments.months)
        reached = in_month + timedelta(days=arguments.days)
    except (ValueError, OverflowError) as error:
        raise ToolError("domain_error", "the date reached is outside the years 0001 to 9999") from error
    return DateAddResult(
        base_date=dated_day(base),
        result=dated_day(reached),
        years=arguments.years,
        months=arguments.months,
        days=arguments.days,
        clamped=in_month.day != base.day,
        day_difference=(reached - base).days,
    )


def phrase(result: DateAddResult, style: AnswerStyle) -> str:
    """One sentence with the steps as passed, and whether a month was too short."""
    language = style.language
    base, reached = (dated(date.fromisoformat(day.date), language) for day in (result.base_date, result.result))
    steps = _steps((result.years, result.months, result.days), language)
    clamped = Bilingual(en="; the day became the last one of its month", de="; der Tag wurde zum Monatsletzten")
    note = clamped.text(language) if result.clamped else ""
    verb = "is" if language == "en" else "ergibt"
    return f"{base} {steps} {verb} {reached}{note}."


def _steps(amounts: tuple[int, int, int], language: Language) -> str:
    """`+ 1 year - 3 days`; nothing added is `+ 0 days`."""
    steps = [
        f"{'-' if amount < 0 else '+'} {counted(abs(amount), unit, language)}"
        for amount, unit in zip(amounts, _UNITS, strict=True)
        if amount
    ]
    return " ".join(steps) or f"+ {counted(0, _UNITS[-1], language)}"


DATE_ADD = Tool(
    name="date_add",
    description=Bilingual(
        en="The date some days, months and years after or before a date, with the rule for month ends",
        de="Das Datum einige Tage, Monate und Jahre nach oder vor einem Datum, mit der Regel für Monatsenden",
    ),
    keywords=Bilingual(
        en="date add plus days months years weeks later after before ago in from deadline due expires",
        de="datum plus tage monate jahre wochen später nach vor in ab frist fällig endet läuft ab",
    ),
    arguments=DateAddArguments,
    result=DateAddResult,
    run=date_add,
    answer=phrase,
    limits=(
        DATE_CHARS,
        Limit(name="days", value=MAX_DAYS, unit="days"),
        Limit(name="months", value=MAX_MONTHS, unit="months"),
        Limit(name="years", value=MAX_YEARS, unit="years"),
    ),
    example=Example(
        args={"base_date": "2024-01-31", "months": 1},
        result={
            "base_date": {"date": "2024-01-31", "weekday": "Wednesday", "iso_weekday": 3},
            "result": {"date": "2024-02-29", "weekday": "Thursday", "iso_weekday": 4},
            "years": 0,
            "months": 1,
            "days": 0,
            "clamped": True,
            "day_difference": 29,
            "calendar_system": "proleptic_gregorian",
            "add_rule": ADD_RULE,
        },
        answer="2024-01-31 (Wednesday) + 1 month is 2024-02-29 (Thursday); the day became the last one of its month.",
    ),
    error_example=ErrorExample(args={"base_date": "9999-12-31", "days": 1}, code="domain_error"),
)
