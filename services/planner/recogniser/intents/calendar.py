"""Days, weeks and schedules: facts of a date, the distance of two, and the same moment in another zone."""

import re
from itertools import pairwise

from services.planner.recogniser.days import ANY_DAY
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import COUNT_WORD
from services.planner.recogniser.places import ANY_PLACE, ANY_ZONE
from services.planner.recogniser.wording import Intent, Meaning, Token, Wording

_DATE = rf"(?i:{ANY_DAY})(?!\w)"
_TIME = r"\d{1,2}:\d{2}(?:(?i: ?[ap]m))?(?![\w:])|\d{1,2}(?i: ?[ap]m)(?!\w)"
_PLACE = rf"(?i:{ANY_PLACE})(?!\w)"
_UNITS = (("days", "tage?n?"), ("weeks", "wochen"), ("months", "monaten?"), ("years", "jahren?"))


def _distance(wording: Wording) -> str | None:
    """`until <date> from <date>` names the end first."""
    named = next((place for place, token in enumerate(wording.tokens) if token.kind == "date"), 0)
    units = [unit for unit, _ in _UNITS if wording.has(unit)]
    is_turned = named > 0 and wording.tokens[named - 1].text in ("until", "till", "bis", "to")
    return None if is_turned or len(units) != 1 else f"how many {units[0]} between <date> and <date>"


DISTANCE = Intent(
    tuple(
        name for unit in ("days", "weeks", "months", "years", "tage", "wochen", "monate", "jahre") for name in (unit,)
    ),
    {"date": _DATE},
    tuple(Meaning(unit, rf"{unit}|{unit[:-1]}s? count", german) for unit, german in _UNITS),
    words(
        "duration lasted ran length dauer laufzeit dauerte before after prior left remain remaining"
        " between until till through how long lange lang difference distance interval span number count lie lies"
        " pass passed passes elapsed elapse"
        " apart since zwischen bis vom differenz abstand unterschied zeitspanne anzahl liegen lagen vergehen vergangen"
        " verstrichen zähle zählen seit dazwischen"
    ),
    _distance,
)


def _moved(wording: Wording) -> str | None:
    if len(wording.all("step")) != 1 or (wording.has("back") and wording.has("after")):
        return None
    first = min(wording.tokens, key=lambda token: (token.kind not in ("step", "date"), token.start))
    if wording.has("back"):
        taken_from = first.kind == "step" or wording.has_word("-")
        return _steps(wording, "<step> before <date>", "<step> vor <date>") if taken_from else _minus(wording)
    if not wording.has("after") and not wording.has_word("from"):
        return None
    return _steps(wording, "<step> after <date>", "<step> nach <date>")


def _minus(wording: Wording) -> str | None:
    """`2025-07-01 minus 3 months`; but `2025-07-01, 3 months before` names another day as its base."""
    minus = any(token.kind == "back" and token.text in ("minus", "-") for token in wording.tokens)
    return _steps(wording, "<date> minus <step>", "<date> minus <step>") if minus else None


def _steps(wording: Wording, english: str, german: str) -> str:
    return german if wording.tongue == "de" else english


MOVED = Intent(
    ("day", "week", "month", "year", "tag", "woche", "monat", "jahr"),
    {
        "date": _DATE,
        "step": rf"(?i:(?:\d{{1,6}}|{COUNT_WORD}) (?:days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?"
        rf"|jahre?n?))(?!\w)",
    },
    (
        Meaning("back", r"before|minus|subtract(?:ed)?|prior to|earlier than", r"vor|subtrahiere|ziehe|abziehen"),
        Meaning(
            "after",
            r"after|past|plus|add(?:ed)?|\+|later than|later|from then|afterwards|on top|end date|due date"
            r"|last (?:date|day)|starting(?: on| from)?|expires?"
            r"|runs out|over",
            r"nach|addiere|addieren|dazu|hinzu|später|danach|drauf|fällig(?:keit(?:sdatum)?|keitstermin)?"
            r"|zahlungsziel|ab dem|enddatum|endet|läuft ab",
        ),
    ),
    words("when wann date day datum tag falls comes later ab liegt liegen haben vorbei"),
    _moved,
)
WEEKDAY = Intent(
    ("day", "tag", "mittwoch"),
    {"date": _DATE},
    (
        Meaning(
            "weekday",
            r"a (?:mon|tues|wednes|thurs|fri|satur|sun)day|days? of (?:the )?week|weekday|(?:what|which)"
            r" day(?! of| number)",
            r"ein (?:mon|diens|donners|frei|sams|sonn)tag|ein mittwoch|wochentag(?:es)?|welche[rn]? tag(?!"
            r" des| im)|was für ein(?:en)? tag",
            "what day of the week was <date>",
            "welcher wochentag war <date>",
        ),
    ),
    words("born married day fall falls fell land lands landed happen tag fällt fiel liegt für ein einen date datum"),
    yes_or_no=True,
)
LEAP_YEAR = Intent(
    ("leap", "schalt"),
    {"year": r"\d{4}(?![\w.,-]*\d)"},
    (Meaning("leap", "leap(?:[- ]?years?)?", "schaltjahre?s?", "is <year> a leap year", "ist <year> ein schaltjahr"),),
    words("year check verify test jahr jahres prüfe prüfen or oder handelt sich"),
    yes_or_no=True,
)
PART_OF_YEAR = Intent(
    ("quarter", "quartal", "day", "tag"),
    {"date": _DATE},
    (
        Meaning(
            "quarter",
            r"quarter(?! past)(?: of (?:the )?year)?",
            r"quartals?(?: des jahres)?",
            "which quarter is <date>",
            "welches quartal ist <date>",
        ),
        Meaning(
            "number",
            r"day (?:number )?(?:of|in) (?:the|its) year|day number",
            r"(?:wievielte[rn]?|welcher) tag (?:des jahres|im jahr)|tag(?:es)?(?:nummer)? (?:des jahres|im jahr)",
            "day of the year of <date>",
            "welcher tag des jahres ist <date>",
        ),
    ),
    words("year fall falls fell belong belongs jahr jahres liegt fällt fiel gehört lag"),
)


def _of_the_week(wording: Wording) -> str | None:
    """`week 5 of May 2024` is a week of that month."""
    pairs = pairwise(wording.tokens)
    if any(first.kind == "week" and re.match(r"\d of ", second.text) for first, second in pairs):
        return None
    if not wording.has("week"):
        return None
    return "kw vom <date>" if wording.tongue == "de" else "iso week of <date>"


WEEK = Intent(
    ("week", "woche", "kw"),
    {"date": _DATE},
    (
        Meaning(
            "week",
            r"(?<!of the )(?<!of )(?:iso |calendar )?week(?: number)?(?: of (?:the )?year)?|(?:iso )?week no",
            r"kalenderwoche|kw",
        ),
    ),
    words("year iso number fall falls fell belong belongs liegt fällt fiel lag date datum gehört"),
    _of_the_week,
)


def _elsewhere(wording: Wording) -> str | None:
    """The zone nearest to the time belongs to it."""
    times, zones = wording.all("time"), wording.all("zone")
    if len(times) != 1 or len(zones) != 2 or len(wording.all("date")) != 1:
        return None
    near = [_tokens_between(wording, times[0], zone) for zone in zones]
    clause = wording.has("condition")
    named = wording.has_word("time", "uhrzeit")
    is_asked = wording.has("request") or (clause and wording.has_word("what", "what's", "time", "uhr"))
    if not is_asked and (clause or wording.has_word("and", "und", "i", "we", "ich", "wir", "i'm", "my")):
        return None  # a person's presence
    place = wording.tokens.index(zones[0]) + 1
    if wording.tokens[place - 2].text in ("to", "nach"):
        return None  # the zone that is nearest to the time may be the target
    is_target = clause or (wording.tokens[place].text == "time" if place < len(wording.tokens) else False)
    if near[0] == near[1] or (near[0] > near[1] and not is_target):
        return None
    if not (clause or wording.has("request")) and wording.has_word("to", "from", "nach", "von") and not named:
        return None  # a connection
    return _zone_form(wording, swapped=near[0] > near[1])


def _zone_form(wording: Wording, *, swapped: bool) -> str:
    """Values fill slots in order; if swapped, the first of two zones is the requested one."""
    english = wording.tongue != "de"
    if swapped:
        return (
            "what time is it in <zone> when it is <date> <time> in <zone>"
            if english
            else "wie spät ist es in <zone>, wenn es <date> <time> in <zone> ist"
        )
    return (
        "convert <date> <time> from <zone> to <zone>" if english else "wandle <date> <time> von <zone> nach <zone> um"
    )


def _tokens_between(wording: Wording, one: Token, other: Token) -> int:
    first, second = sorted((wording.tokens.index(one), wording.tokens.index(other)))
    between = wording.tokens[first + 1 : second]
    far = sum(10 for token in between if token.kind in ("condition", "request"))
    return far + sum(token.kind != "date" for token in between)


ELSEWHERE = Intent(
    (":", "am", "pm"),
    {"date": _DATE, "time": _TIME, "zone": rf"(?i:{ANY_ZONE})(?!\w)|(?i:{ANY_ZONE})(?=er (?:Zeit|Uhrzeit))"},
    (
        Meaning("condition", r"when|if", r"wenn|falls"),
        Meaning(
            "request",
            r"->|→|=>|convert(?:ed)?|translate|(?:what|which) time|what(?:'s| is) the time",
            r"wandle|rechne|umrechnen|umwandeln|umgerechnet|spät|wie ?viel uhr|zeit von|ortszeit",
        ),
    ),
    words("er time clock o'clock local uhr um zeit uhrzeit then dann"),
    _elsewhere,
)


def _working_days(wording: Wording) -> str | None:
    form = "how many working days between <date> and <date> in <place>"
    return form if wording.has("work") else None


WORKDAYS = Intent(
    ("work", "business", "weekdays", "arbeitstag", "werktag"),
    {"date": _DATE, "place": _PLACE},
    (Meaning("work", r"(?:working|business|work)[- ]?days", r"(?:arbeits|werk)tage?n?"),),
    words("between until till through number count lie lies liegen zwischen bis vom anzahl zähle zählen enthält hat"),
    _working_days,
)


def _of_the_place(wording: Wording) -> str | None:
    """`how many holidays do I get` is about a contract."""
    if wording.has_word("do", "can", "will") and wording.has_word("i", "we", "ich"):
        return None
    if wording.has_word("may"):
        return None  # the month
    if wording.has("bank"):
        return "bank holidays in <place> <year>"
    return "feiertage in <place> <year>" if wording.tongue == "de" else "public holidays in <place> <year>"


HOLIDAYS = Intent(
    ("holiday", "feiertag"),
    {"year": r"(?:19|20)\d{2}(?![\w.,-]*\d)", "place": _PLACE},
    (
        Meaning("bank", r"bank holidays", form="bank holidays in <place> <year>"),
        Meaning(
            "public",
            r"(?:public|legal|national|official|federal|state) holidays|holidays",
            r"(?:gesetzliche[rn]? )?feiertage?n?|feiertagsliste|feiertagskalender",
            "public holidays in <place> <year>",
            "feiertage in <place> <year>",
        ),
    ),
    words("public all list when year name alle wann liste auflisten auf jahr jahre every"),
    _of_the_place,
)
_NAMED = "sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FIELD = rf"(?:[0-9*/-]|,(?=[0-9*a-z])|{_NAMED}){{1,20}}+"
SCHEDULE = Intent(
    ("*", "cron"),
    {
        "cron": rf"\ue000|(?i:(?=[^a-z]{{0,60}}\*){_FIELD}(?: {_FIELD}){{4}})(?![\w*/])",
        "date": _DATE,
        "time": _TIME,
    },
    (
        Meaning(
            "next",
            r"next|first",
            r"nächste[rnms]?(?: mal)?|als nächstes|erste[rnms]?(?: mal)?",
            "next run of cron <cron> after <date> <time>",
        ),
        Meaning("name", r"cron(?:tab)?(?:[- ]?(?:jobs?|expression|schedule|entry))?", r"cron-?(?:jobs?|ausdrucks?)"),
    ),
    words(
        "after following when run runs running fire fires execute executes executed trigger triggers start starts"
        " execution time times happen job expression schedule wann läuft laufen startet starten lauf laufs ausführung"
        " utc uhr jobs ausdruck ausdrucks mal feuert ausgeführt wann"
    ),
)  # fmt: skip
INTENTS = (MOVED, DISTANCE, WEEKDAY, LEAP_YEAR, PART_OF_YEAR, WEEK, ELSEWHERE, WORKDAYS, HOLIDAYS, SCHEDULE)
