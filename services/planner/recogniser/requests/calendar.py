"""The weekday, the week and other facts of a day."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import MONTH_NAMES
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.spans import PERIOD, STEP, step_of
from services.planner.recogniser.requests.values import DATE, YEAR, date_of

_DAYS_OF_WEEK = {
    name: number
    for number, names in enumerate(
        ("monday montag", "tuesday dienstag", "wednesday mittwoch", "thursday donnerstag", "friday freitag",
         "saturday samstag sonnabend", "sunday sonntag"), start=1
    )
    for name in names.split()
}  # fmt: skip
_A_WEEKDAY = (
    r"(?:what|which) day(?=[?.!]*$)|(?:day|weekday|wochentags)[- ]?names?|name of the day|weekdays?|wochentag\w*"
    r"|days? of (?:the )?week|(?:what|which) day(?! of)(?=.{0,40} (?:was|is|will|does|did|fall|on))"
    r"|(?:für )?ein(?:en)? tag(?: (?:in|an) der woche)?|tag in der woche|welche[rmn] tag(?= (?:war|ist|wird|fiel"
    r"|fällt))"
    r"|on (?:what|which) day|(?:on )?an? (?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:on )?(?:a|the) weekend"
    r"|(?:auf |an )?eine[nm]? (?:mon|diens|donners|frei|sams|sonn)tag|(?:auf |an )?eine[nm]? mittwoch"
    r"|ein (?:mon|diens|donners|frei|sams|sonn)tag|ein mittwoch|(?:am|ein|aufs|auf ein|auf das) wochenende"
)
_A_WEEK = (
    r"(?:(?:iso|calendar)[ -]weeks?(?: (?:numbers?|no\.?))?|week (?:numbers?|no\.?)"
    r"|(?:what|which) week(?! of (?!the year|\d))|kalenderwochen?"
    r"|(?:die )?(?:welche[rn]?|wievielte[rn]?) (?:kw|woche)|kw|wochennummer)(?! ?\d)"
)
_FACTS = {"leap": "leap_year", "quarter": "quarter", "day_of_year": "day_of_year"}
_OF_ANOTHER_DAY = words(
    "after before next left remaining remain until ends end endet nächste nächstes nächster nächsten übrig bleiben"
)
_OF_OTHER_TOOLS = frozenset({"weekday", "week"})
_JOINED = re.compile(r",| and | und | & |\+")


def _facts(reading: Reading) -> ToolCall | None:
    """The weekday alone and the week alone are for their own tools."""
    days = [date_of(text) for text in reading.all("date")] + [f"{year}-01-01" for year in reading.all("year")]
    named = list(dict.fromkeys(reading.keys))
    if len(days) != 1 or days[0] is None or not named or (reading.all("year") and named != ["leap"]):
        return None
    if _OF_OTHER_TOOLS.issuperset(named) and (len(named) == 1 or _JOINED.search(reading.text.lower()) is None):
        return None
    if _OF_ANOTHER_DAY & set(reading.words):
        return None
    focus = _FACTS.get(named[0]) if len(named) == 1 else None
    return ToolCall("calendar_facts", {"date_str": days[0], "locale": reading.tongue or "en"}, focus)


_MOVES = words("days tage day after before nach vor weeks wochen kw quarter quartal")


def _weekday(reading: Reading) -> ToolCall | None:
    start = date_of(reading.only("date"))
    if _MOVES & set(reading.words):
        return None
    return None if start is None or not reading.has("weekday") else ToolCall("day_of_week", {"date_str": start})


def _week(reading: Reading) -> ToolCall | None:
    """The week of a date, or the dates of a week, or either of them some weeks later."""
    numbers = [int(number) for text in reading.all("week") for number in re.findall(r"\d+", text)]
    years = [*(number for number in numbers if number > 53), *(int(year) for year in reading.all("year"))]
    weeks = [number for number in numbers if 1 <= number <= 53]
    later = _weeks_later(reading)
    if later is None or _WEEK_OF_A_MONTH.search(reading.text.lower()):
        return None
    if reading.all("date"):
        start = date_of(reading.only("date"))
        is_clear = start is not None and (reading.has("week") or bool(weeks)) and not reading.all("day")
        return ToolCall("iso_week", {"date_str": start, **later}) if is_clear else None
    if len(years) != 1 or len(weeks) != 1 or len(reading.all("day")) > 1 or reading.pieces[0][1] in _YES_OR_NO:
        return None
    if any(kind == "u" for kind, _ in reading.pieces) and not reading.has("day_of") and not later:
        return None
    day = [_DAYS_OF_WEEK[text.lower()] for text in reading.all("day")]
    weekday = {"weekday": day[0]} if day else {}
    return ToolCall("iso_week", {"year": years[0], "week": weeks[0], **weekday, **later})


_WEEK_OF_A_MONTH = re.compile(rf"\bweek \d (?:of|in) (?:{MONTH_NAMES})\b")
_YES_OR_NO = words("is was are ist war hat")


_BESIDE_A_WEEK = re.compile(
    r"\b(?:after|before|nach|vor)(?: dem| der| the)? (?:iso |calendar )?(?:(?:kw|week|kalenderwoche) ?)?\d"
)


def _weeks_later(reading: Reading) -> dict[str, int] | None:
    """Nothing without a number of weeks; None if its direction is not clear."""
    steps = [step_of(text) for text in reading.all("step")]
    if not steps:
        return None if _BESIDE_A_WEEK.search(reading.text.lower()) else {}
    if len(steps) != 1 or steps[0] is None or reading.has("earlier") == reading.has("later"):
        return None
    argument, number = steps[0]
    if argument != "days" or number % 7:
        return None
    return {"add_weeks": -number // 7 if reading.has("earlier") else number // 7}


REQUESTS = (
    Request(
        ("leap", "schaltjahr", "quarter", "quartal", "day", "tag", "kalender", "calendar", "q1", "q2", "q3", "q4",
         "ordinal"),
        {"date": DATE, "year": YEAR},
        {
            "leap": r"(?:in )?(?:an? )?leap[- ](?:year|day)|schaltjahre?s?|schalttag",
            "quarter": r"quarter(?: of the year)?|quartale?s?|q[1-4](?: or| oder|/|,| -)* q[1-4]",
            "day_of_year": r"day[- ]of[- ](?:the[- ])?year(?: number)?|how far into the year|day (?:number )?(?:of"
            r"|in|within) (?:the |that )?year|day number(?=.* within)|day-of-year|ordinal (?:day|date)|day number"
            r"|tagesnummer(?: im jahr"
            r"| des jahres)?"
            r"|(?:welche[rn]? |(?:der |die |das )?wievielte[rn]? )?tag (?:im|des) jahre?s?|wievielte[rn]? tag"
            r"|(?:der |die |das )?wievielte tag(?:esnummer)?",
            "length": r"(?:and |und )?(?:how many|number of) days (?:does |are (?:there )?in |has |in )?"
            r"(?:that |the |this |its )?month(?: have)?|(?:days in|length of) (?:that|the|its) month"
            r"|(?:und )?wie viele tage (?:hat )?(?:der|dieser|sein) monat|monatslänge",
            "facts": r"(?:all )?calendar (?:facts|data|details|info(?:rmation)?)"
            r"|kalender(?:angaben|daten|fakten|infos?|details)|(?:alle )?angaben",
            "weekday": _A_WEEKDAY,
            "week": _A_WEEK + r"|week(?=,| and )",
        },
        _facts,
        PERIOD
        | words(
            "year jahr take quarter liegt month born hätte planer planner tax steuer alle sämtliche form within"
            " inside innerhalb"
        ),
        3,
        yes_or_no=True,
    ),
    Request(
        (
            "day", "mittwoch", "weekday", "wochentag", "day of", "what day", "which day", "welcher tag", "monday",
            "tuesday", "friday", "sunday", "saturday", "thursday", "wednesday", "tag", "weekend", "wochenende",
        ),
        {"date": DATE},
        {"weekday": _A_WEEKDAY},
        _weekday,
        PERIOD
        | words(
            "born geboren wurde fiel fällt or oder what was flug flight train zug bahn plane concert party fand"
            " findet statt stattfinden stattgefunden"
        )
        | frozenset(_DAYS_OF_WEEK),
        4,
        yes_or_no=True,
    ),
    Request(
        ("week", "kw", "woche"),
        {
            "week": r"(?i:(?:(?:iso|calendar)[ -])?week (?:no\.? |number |nr\.? )?\d\d?(?:(?:/|,? (?:of"
            r"|in) (?:the year )?|, ?| )"
            r"\d{4})?|(?:kw|kalenderwoche|woche) ?\d\d?(?:(?:/|,? (?:von|im jahr|in|des jahres) |, ?| )\d{4})?"
            r"|(?<!\w)\d{4}-?W\d\d(?!\w)|\d\d?\. (?:kalenderwoche|kw))(?![\w-])",
            "step": STEP,
            "date": DATE,
            "year": YEAR,
            "day": rf"(?<!\w)(?i:{'|'.join(_DAYS_OF_WEEK)})(?!\w)",
        },
        {
            "week": _A_WEEK,
            "day_of": r"what dates?|which (?:calendar )?dates?|welches datum|datum|dates?|starts?|begins?|beginnt"
            r"|fällt|von wann|wann|when|first day|erster tag|(?:what|which) days?|welche (?:tage|daten)|tage|daten"
            r"|days|from|von bis"
            r"|endet|ends?|until|bis",
            "earlier": r"before|earlier|minus|back|vor|vorher|früher|davor|zuvor|nach vorne?",
            "later": r"after|later|plus|nach(?! vorne?)(?: hinten)?|später|danach|verschiebt|verschoben|postponed"
            r"|delayed|verzögert|slips|moved",
        },
        _week,
        PERIOD
        | words(
            "year jahr belongs belong gehört bis first last days cover covers gehören umfasst noch schon already um"
            " or iso nach by oder still"
        ),
        3,
        yes_or_no=True,
    ),
)  # fmt: skip
