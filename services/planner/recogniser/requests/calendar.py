"""Days, weeks, and the facts of a day."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import COUNT_WORD
from services.planner.recogniser.places import COUNTRIES
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import (
    DATE,
    YEAR,
    count_of,
    date_of,
)

_PERIOD = words(
    "deadline notice period contract term starts start starting begins begin beginning beginnt ends end ending läuft"
    " frist tag date day days datum birthday project invoice due falls fall lands land kündigungsfrist rechnung"
    " fällig vertrag laufzeit delivery ordered bestellt lieferung event wedding meeting's warranty garantie"
    " probezeit latest exact going forward later danach zahlungsziel zahlungsfrist rechnungsdatum kaufdatum payment"
    " purchase bought gekauft ablaufdatum endet expires expire lasts dauert future zukunft vergangenheit days'"
)
_STEP = (
    rf"(?<![\w.,])(?i:(?:\d{{1,6}}|{COUNT_WORD})[ -](?:days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?"
    rf"|jahre?n?))(?!\w)"
)
_PLACES = frozenset(COUNTRIES)


def _names_a_place(reading: Reading) -> bool:
    """True if the days may be the working days of a country."""
    return not _PLACES.isdisjoint(text for kind, text in reading.pieces if kind in "utf" and text != "us") or (
        " the us" in reading.text.lower()
    )


_UNITS = {
    "d": ("days", 1),
    "t": ("days", 1),
    "w": ("days", 7),
    "m": ("months", 1),
    "y": ("years", 1),
    "j": ("years", 1),
}


def _moved(reading: Reading) -> ToolCall | None:
    start, sums = date_of(reading.only("date")), dict[str, int]()
    is_back = reading.has("back") or reading.has("backwards")
    is_both = reading.has("back") and reading.has("on")
    if (
        start is None
        or _names_a_place(reading)
        or not reading.all("step")
        or is_both
        or not (is_back or reading.has("on"))
    ):
        return None
    for step in reading.all("step"):
        amount, unit = re.split(r"[ -]", step.lower(), maxsplit=1)
        number, (argument, factor) = count_of(amount), _UNITS[unit[0]]
        if number is None:
            return None
        sums[argument] = sums.get(argument, 0) + (-1 if is_back else 1) * number * factor
    return ToolCall("date_add", {"base_date": start, **sums})


def _apart(reading: Reading) -> ToolCall | None:
    first, second = ([date_of(text) for text in reading.all("date")] + [None, None])[:2]
    if _names_a_place(reading):
        return None
    if not (reading.has("apart") or (reading.has("unit") and "?" in reading.text)):
        return None
    if len(reading.all("date")) != 2 or first is None or second is None:
        return None
    named = " ".join(text for kind, text in reading.pieces if kind == "k")
    units = [
        unit
        for unit in ("day", "tag", "week", "woche", "month", "monat", "year", "jahr", "old", "alt")
        if unit in named
    ]
    is_open = not units and ("how long" in named or "wie lange" in named)
    are_days = all(unit in ("day", "tag") for unit in units) and not is_open
    focus = "days" if are_days else "weeks" if units in (["week"], ["woche"]) else "calendar"
    return ToolCall("date_diff", {"date1": first, "date2": second}, focus)


_FACTS = {"leap": "leap_year", "quarter": "quarter", "day_of_year": "day_of_year"}


def _facts(reading: Reading) -> ToolCall | None:
    days = [date_of(text) for text in reading.all("date")] + [f"{year}-01-01" for year in reading.all("year")]
    named = [key for key in dict.fromkeys(reading.keys) if key in (*_FACTS, "length")]
    if len(days) != 1 or days[0] is None or not named or (reading.all("year") and named != ["leap"]):
        return None
    focus = _FACTS.get(named[0]) if len(named) == 1 else None
    return ToolCall("calendar_facts", {"date_str": days[0], "locale": reading.tongue or "en"}, focus)


_MOVES = words("days tage day after before nach vor weeks wochen")


def _weekday(reading: Reading) -> ToolCall | None:
    start = date_of(reading.only("date"))
    if _MOVES & set(reading.words):
        return None
    return None if start is None or not reading.has("weekday") else ToolCall("day_of_week", {"date_str": start})


_DAYS_OF_WEEK = {
    name: number
    for number, names in enumerate(
        ("monday montag", "tuesday dienstag", "wednesday mittwoch", "thursday donnerstag", "friday freitag",
         "saturday samstag", "sunday sonntag"), start=1
    )
    for name in names.split()
}  # fmt: skip


def _week(reading: Reading) -> ToolCall | None:
    numbers = [int(number) for text in reading.all("week") for number in re.findall(r"\d+", text)]
    years = [*(number for number in numbers if number > 53), *(int(year) for year in reading.all("year"))]
    weeks = [number for number in numbers if 1 <= number <= 53]
    if reading.all("date"):
        start = date_of(reading.only("date"))
        is_clear = start is not None and not numbers and reading.has("week") and not reading.all("day")
        return ToolCall("iso_week", {"date_str": start}) if is_clear else None
    if len(years) != 1 or len(weeks) != 1 or len(reading.all("day")) > 1:
        return None
    if any(kind == "u" for kind, _ in reading.pieces) and not reading.has("day_of"):
        return None
    day = [_DAYS_OF_WEEK[text.lower()] for text in reading.all("day")]
    return ToolCall("iso_week", {"year": years[0], "week": weeks[0], **({"weekday": day[0]} if day else {})})


_LATER = (
    r"runs?(?: for)?|lasts|valid for|läuft|after|from|plus|add(?:ed)?|later|hence|nach|plus|dazu|drauf|ab"
    r"|starting|starts?|beginnt|start|in|since|past|hinzu|zahlungsziel|zahlungsfrist|frist|laufzeit|due in|within"
    r"|payment terms?|good for|notice(?: period)?|kündigungsfrist|dauert|dauer|gültig|(?:um|by)(?= \d)"
)
REQUESTS = (
    Request(
        ("day", "week", "month", "year", "tag", "woche", "monat", "jahr"),
        {"step": _STEP, "date": DATE},
        {
            "backwards": r"(?:go |count |going |counting )?back(?:wards)?|minus|subtract(?:ed)?|abzüglich|zurück"
            r"|subtrahiere",
            "back": r"before|ago|earlier|prior to|vor|vorher|früher",
            "on": _LATER,
            "wish": r"what|which|when|wann|welche[rsnm]?|give|date|datum|fälligkeitsdatum|due date|deadline|expir\w*"
            r"|enddatum|until when|bis wann|stichtag|verschiebe\w*|fällig|extend(?:ed)?|postpone[d]?|verlänger\w*"
            r"|moved?",
        },
        lambda reading: _moved(reading) if reading.has("wish") or reading.has("backwards") else None,
        _PERIOD,
        4,
    ),
    Request(
        (
            "day",
            "tag",
            "week",
            "woche",
            "month",
            "monat",
            "year",
            "jahr",
            "old",
            "alt",
            "apart",
            "long",
            "between",
            "lang",
            "vergehen",
            "zwischen",
        ),
        {"date": DATE},
        {
            "apart": r"(?:how many|number of|wie ?viele|anzahl der) (?:calendar )?(?:days?|tage)"
            r"|days? (?:between|apart|count)"
            r"|gap|time span|how long|how old|wie lange|wie alt|(?:in )?(?:days|weeks|months"
            r"|years)(?: and (?:days|weeks|months))?|count (?:the )?"
            r"(?:days|weeks)|difference in days|wie viele (?:wochen|monate)|in tagen|tage zwischen"
            r"|abstand in tagen|how long is it|day count"
        },
        _apart,
        _PERIOD
        | words(
            "apart pass passed between vergehen liegen vergangen zwischen dazwischen elapsed left remain"
            " up lag lagen lies fly fliege separate lie until till bis difference abstand unterschied met got"
            " married born many old that"
        ),
        4,
    ),
    Request(
        ("leap", "schaltjahr", "quarter", "quartal", "day", "tag"),
        {"date": DATE, "year": YEAR},
        {
            "leap": r"(?:in )?(?:an? )?leap[- ]year|schaltjahr",
            "quarter": r"quarter(?: of the year)?|quartal",
            "day_of_year": r"day[- ]of[- ](?:the[- ])?year(?: number)?|how far into the year|day (?:number )?(?:of"
            r"|in|within) (?:the |that )?year|day-of-year|ordinal day"
            r"|(?:welcher |wievielter? )?"
            r"tag (?:im|des) jahre?s?|wievielte[rn]? tag",
            "length": r"how many days (?:does |are in |has )?(?:that |the |this )?month(?: have)?"
            r"|days in (?:that|the) month"
            r"|wie viele tage (?:hat )?(?:der|dieser) monat",
        },
        _facts,
        _PERIOD | words("year jahr take quarter liegt month born hätte"),
        3,
        yes_or_no=True,
    ),
    Request(
        (
            "day",
            "mittwoch",
            "weekday",
            "wochentag",
            "day of",
            "what day",
            "which day",
            "welcher tag",
            "monday",
            "tuesday",
            "friday",
            "sunday",
            "saturday",
            "thursday",
            "wednesday",
            "tag",
        ),
        {"date": DATE},
        {
            "weekday": r"(?:what|which) day(?=[?.!]*$)|weekday|wochentag\w*|day of the week|(?:what"
            r"|which) day(?! of)(?=.{0,40} (?:was|is|will|does"
            r"|did|fall|on))"
            r"|(?:für )?ein tag(?: in der woche)?|tag in der woche|welcher tag(?= (?:war|ist|wird))|on (?:what"
            r"|which) day|(?:on )?an? (?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:auf )?einen?"
            r" (?:mon|diens|donners|frei|sams|sonn)tag|(?:auf )?einen? mittwoch"
        },
        _weekday,
        _PERIOD | words("born geboren wurde fiel fällt or oder what was"),
        4,
        yes_or_no=True,
    ),
    Request(
        ("week", "kw", "woche"),
        {
            "week": r"(?i:(?:(?:iso|calendar)[ -])?week (?:no\.? |number |nr\.? )?\d\d?(?:(?:/|,? (?:of"
            r"|in) (?:the year )?|, ?| )"
            r"\d{4})?|(?:kw|kalenderwoche|woche) ?\d\d?(?:(?:/|,? (?:von|im jahr|in|des jahres) |, ?| )\d{4})?"
            r"|(?<!\w)\d{4}-W\d\d(?!\w)|\d\d?\. (?:kalenderwoche|kw))(?![\w-])",
            "date": DATE,
            "year": YEAR,
            "day": rf"(?<!\w)(?i:{'|'.join(_DAYS_OF_WEEK)})(?!\w)",
        },
        {
            "week": r"(?:(?:iso |calendar )(?:week(?: number)?)|week number|(?:what|which) week|kalenderwoche"
            r"|welche[rn]? kw|kw"
            r"|wochennummer)(?! ?\d)",
            "day_of": r"what date|which date|welches datum|datum|date|dates|start|starts|begin|begins|beginnt"
            r"|fällt|von wann"
            r"|wann|when|first day|erster tag",
        },
        _week,
        _PERIOD | words("year jahr belongs belong gehört bis first last days"),
        3,
    ),
)
