"""Days after or before a date, and the distance of two dates."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import COUNT_WORD
from services.planner.recogniser.places import COUNTRIES
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import DATE, SPANNED, count_of, date_of, span_of

PERIOD = words(
    "deadline notice period contract term starts start starting begins begin beginning beginnt ends end ending läuft"
    " frist tag date day days datum birthday project invoice due falls fall lands land kündigungsfrist rechnung fällig"
    " vertrag laufzeit delivery ordered bestellt lieferung event wedding meeting's warranty garantie probezeit latest"
    " exact going forward later danach zahlungsziel zahlungsfrist rechnungsdatum kaufdatum payment purchase bought"
    " gekauft ablaufdatum endet expires expire lasts dauert future zukunft vergangenheit days' dated issued delivered"
    " shipped arrived arrive confirmed signed paid dating geliefert verschickt versendet angekommen unterschrieben"
    " ausgestellt bezahlt ordering order workshop flight flug flugs urlaub trip reise trial subscription abo loan lend"
    " lends borrow borrowed ausgeliehen pregnancy tüv inspection appointment termin besuch visit again wieder erneut"
    " schluss vorbei over ended started began finished beginning's only quote offer angebot accept annehmen covered"
    " ready done complete fertig soweit zurückschicken zurückgeben umtauschen widerrufen return returned back kündigen"
    " cancel challenge baby washing machine waschmaschine auto handy kauf einzug auszug mietvertrag come comes"
    " probation gewährleistung rückgabe umtausch leasing miete visum visa passport ausweis personalausweis reisepass"
    " führerschein application antrag bearbeitung review check-up kontrolle kontrolltermin impfung vaccination dose"
    " service wartung ölwechsel renewal verlängerung testphase testzeitraum kredit rückzahlung vorlauf contract's"
    " umzug elternzeit"
)
_SPELT = r"ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf"
STEP = (
    rf"(?<![\w.,])(?i:(?:\d{{1,6}}|{COUNT_WORD})[ -](?:(?:calendar|kalender|full|whole|volle|ganze)[ -]?)?"
    r"(?:days?|weeks?|months?|years?|fortnights?|decades?|tage?n?|wochen?|monate?n?|jahre?n?)(?:['\u2019])?"
    r"|half an? year|(?:ein(?:em)? )?halbe[snm]? jahr(?:es)?|(?:ein(?:em)? )?vierteljahr(?:es)?"
    rf"|(?:\d{{1,4}}[ -]?|{_SPELT})(?:tägig|wöchig|monatig|jährig)e[rnms]?)(?!\w)"
)
_UNITS = {
    "day": ("days", 1), "tag": ("days", 1), "täg": ("days", 1), "wee": ("days", 7), "woc": ("days", 7),
    "wöc": ("days", 7), "for": ("days", 14), "mon": ("months", 1), "yea": ("years", 1), "jah": ("years", 1),
    "jäh": ("years", 1), "dec": ("years", 10),
}  # fmt: skip
_AMOUNT = re.compile(
    rf"(?P<amount>\d+|{COUNT_WORD}|{_SPELT})[ -]?(?:(?:calendar|kalender|full|whole|volle|ganze)[ -]?)?"
)
_PLACES = frozenset(COUNTRIES)


def step_of(text: str) -> tuple[str, int] | None:
    """The argument and the number of `30 days`, `zweiwöchige`, `half a year`."""
    lowered = text.lower()
    if lowered.startswith(("hal", "ein halb", "einem halb")):
        return "months", 6
    if "vierteljahr" in lowered:
        return "months", 3
    found = _AMOUNT.match(lowered)
    if found is None:
        return None
    number = count_of(found["amount"])
    argument, factor = _UNITS[lowered[found.end() :][:3]]
    return None if number is None else (argument, number * factor)


def _names_a_place(reading: Reading) -> bool:
    """True if the days may be the working days of a country."""
    return not _PLACES.isdisjoint(text for kind, text in reading.pieces if kind in "utf" and text != "us") or (
        " the us" in reading.text.lower()
    )


def _moved(reading: Reading) -> ToolCall | None:
    start, sums = date_of(reading.only("date")), dict[str, int]()
    is_back = reading.has("back") or reading.has("backwards")
    is_both = reading.has("back") and reading.has("on")
    steps = [step_of(text) for text in reading.all("step")]
    if start is None or not steps or is_both or not (is_back or reading.has("on")) or _names_a_place(reading):
        return None
    if not (reading.has("wish") or reading.has("backwards") or _is_bare(reading)):
        return None
    if _REPEATED & set(reading.words) or (reading.has("backwards") and _goes_on(reading)):
        return None
    if len(set(steps)) < len(steps) and not _ADDED.isdisjoint(reading.words):
        return None
    if len(set(steps)) > 1 and not _are_joined(reading):
        return None
    for step in dict.fromkeys(steps):  # `90 days … which date is 90 days later?` names one period twice
        if step is None:
            return None
        sums[step[0]] = sums.get(step[0], 0) + (-1 if is_back else 1) * step[1]
    return ToolCall("date_add", {"base_date": start, **sums})


def _are_joined(reading: Reading) -> bool:
    """`2 weeks and 3 days`; but `8 weeks old … when is it 16 weeks old` has two periods."""
    ends = [place + len(text) for place, text in zip(reading.places["step"], reading.all("step"), strict=True)]
    between = [reading.text[end:start].lower() for end, start in zip(ends, reading.places["step"][1:], strict=False)]
    return all(_JOINS.fullmatch(text) or _EXTENDS.search(text) for text in between)


_JOINS = re.compile(r"(?: ?(?:,|&|\+|and|und|plus|minus|weniger) ?){1,2}")
_EXTENDS = re.compile(
    r"\b(?:extend\w*|add(?:ed|itional)?|extra|another|more|further|verläng\w*|weitere[nrms]?|zusätzlich\w*)\b"
)


def _goes_on(reading: Reading) -> bool:
    """`10 days after 3 May minus 2 weeks`; but `subtract 2 weeks from 3 May` goes back only."""
    return any(
        kind == "k" and text in ("after", "plus", "later", "nach", "später", "add") for kind, text in reading.pieces
    )


_ADDED = words("plus and und another again then weitere weiteren nochmals dann further more extra zusätzlich extended")
_REPEATED = words("every each alle jede jeden jeder")


def _is_bare(reading: Reading) -> bool:
    """`10.03.2025 in 14 Tagen`: nothing but a date, a direction and steps."""
    return {kind for kind, _ in reading.pieces} <= set("kvfS") and _OF_A_DATE.issuperset(reading.words)


_OF_A_DATE = words("the a an on of and dem den der des am vom zum und")
_UNIT_NAMES = ("day", "tag", "night", "nächt", "week", "woche", "month", "monat", "year", "jahr")
_DAYS = frozenset(_UNIT_NAMES[:4])
_AGES = frozenset({"old", "alt", "age", "alter"})
_OTHER_COUNT = re.compile(
    r"\b(?:exclud\w+|skip\w*|omit\w*|ausgenommen|ausgeschlossen|abgesehen|mitgezählt|mitzählen|mitgerechnet|counted"
    r"|incl|inkl|both (?:ends|days)|zählen? [^?.]*\bmit|(?:first|last|start|end) day|(?:start|end)tag|(?:ersten?"
    r"|letzten?) tag)\b"
)


def _apart(reading: Reading) -> ToolCall | None:
    days = span_of(reading.all("date"))
    is_bare = len(reading.words) <= _MOST_WORDS and all(kind != "u" for kind, _ in reading.pieces)
    is_asked = "?" in reading.text or is_bare
    if not (reading.has("apart") or (reading.has("unit") and reading.has("span") and is_asked)):
        return None
    if len(set(days)) != 2 or len(days) != 2 or None in days or _OTHER_COUNT.search(reading.text.lower()):
        return None
    if _names_a_place(reading):
        return None
    named = " ".join(text for kind, text in reading.pieces if kind == "k").split()
    units = {unit for unit in _UNIT_NAMES for word in named if word.startswith(unit)}
    is_of_an_age = not _AGES.isdisjoint((*named, *reading.words))
    first, second = sorted(days, key=str) if is_of_an_age or _names_any_day_first(reading) else days
    is_open = not units and not {"long", "lange", "time", "zeit", *_AGES}.isdisjoint(named)
    focus = "calendar" if is_open else "days" if units <= _DAYS else "weeks" if units <= _WEEKS else "calendar"
    return ToolCall("date_diff", {"date1": first, "date2": second}, focus)


def _names_any_day_first(reading: Reading) -> bool:
    """True for `until <date> from <date>`, and for dates in two sentences."""
    start = reading.places["date"][0]
    between = reading.text[start : reading.places["date"][1]]
    return _UNTIL_FIRST.search(reading.before("date")) is not None or _NEXT_SENTENCE.search(between) is not None


_NEXT_SENTENCE = re.compile(r"[!?;] |\. (?=[A-Z])")
_UNTIL_FIRST = re.compile(r"\b(?:until|till|til|to|bis)(?: zum| the)? $")
_WEEKS = frozenset({"week", "woche"})
_MOST_WORDS = 9
_LATER = (
    r"runs?(?: for)?|lasts|valid for|warranty|guarantee|trial|garantie|gewährleistung|probezeit|läuft|after|from|plus"
    r"|add(?:ed)?|later|hence|nach|plus|dazu|drauf|ab"
    r"|starting|starts?|beginnt|begins?|start|in|since|past|hinzu|(?:zahlungs|widerrufs|rückgabe|liefer|leih)?frist"
    r"|zahlungsziel|laufzeit|due in|within|innerhalb(?: von)?|binnen|später|takes"
    r"|payment terms?|good for|notice(?: period)?|kündigungsfrist|dauert|dauer|gültig|gilt|gelten|beträgt"
    r"|(?:(?<=days )|(?<=weeks )|(?<=months ))old|(?:(?<=tage )|(?<=wochen )|(?<=monate ))alt"
    rf"|(?:um|by|for|für|over)(?= (?:\d|(?:{COUNT_WORD}) (?:day|week|month|year|tag|woche|monat|jahr)))"
)
REQUESTS = (
    Request(
        ("day", "week", "month", "year", "tag", "woche", "monat", "jahr", "täg", "wöch", "jähr", "fortnight", "decade"),
        {"step": STEP, "date": DATE},
        {
            "backwards": r"(?:go|count|step|work|reckon)(?:ing)? back(?:wards)?|back(?:wards)?(?= from| \d)"
            r"|(?:(?<=days )|(?<=weeks )|(?<=months )|(?<=years ))back|backwards|minus|subtract(?:ed)?|deduct(?:ed)?"
            r"|take away|abzüglich|zurückgerechnet|zurück(?! (?:geben|bringen|haben|sein|schicken|senden|zahlen|zu))"
            r"|subtrahiere|rückwärts",
            "back": r"before|ago|earlier|prior to|preceding|ahead of|in advance of|vor(?= (?:de[mnr]|diese[mr]|\d))"
            r"|vorher|früher|davor|zuvor",
            "on": _LATER,
            "wish": r"what|was(?= (?:ist|war|wäre))|which|when|wann|welche[rsnm]?|give|date|datum|fälligkeitsdatum"
            r"|due date|deadline|expir\w*"
            r"|enddatum|until when|bis wann|stichtag|verschiebe\w*|fällig|extend(?:ed)?|postpone[d]?|verlänger\w*"
            r"|moved?|due|last day|letzte[rn]? tag",
        },
        _moved,
        PERIOD | words("runs out ran must be kann can customer from that it's on exactly genau"
            " calculate born geboren geborene until till bis"),
        4,
    ),
    Request(
        (
            "day", "tag", "week", "woche", "month", "monat", "year", "jahr", "old", "alt", "apart", "long", "between",
            "lang", "vergehen", "zwischen", "night", "nächt", "zeit", "time", "age",
        ),
        {"date": SPANNED},
        {
            "apart": r"(?:how many|number of|wie ?viele|anzahl der) (?:calendar |full |whole |volle |ganze )?"
            r"(?:days?|weeks?|months?|years?|nights?|tagen?|wochen|monaten?|jahren?|nächten?)"
            r"|days? (?:between|apart|count|difference)|(?:how much|wie ?viel) (?:time|zeit)|zeitraum|zeitspanne"
            r"|(?:tages|datums)differenz"
            r"|zeitabstand"
            r"|gap|time span|how long|how old|wie lange|wie alt|in (?:days|weeks|months"
            r"|years)(?: and (?:days|weeks|months))?|count (?:the )?"
            r"(?:days|weeks|months|nights)|difference in days|in (?:tagen|wochen|monaten|jahren)|tage zwischen"
            r"|abstand in tagen|how long is it|day count|age|alter|duration",
            "unit": r"days?|weeks?|months?|years?|nights?|tage?n?|wochen?|monate?n?|jahre?n?|nächten?",
            "span": r"(?:day |date |time )?difference|(?:zeit)?differenz|abstand|unterschied|between"
            r"|zwischen|until|till|to|through|bis|since|seit|elapsed|passed|vergangen|vergehen"
            r"|verstrichen|auseinander|dazwischen|apart",
        },
        _apart,
        PERIOD
        | words(
            "pass liegen left remain zum vom up lag lagen lies fly fliege separate lie met got gone missing ill sick"
            " krank weg fort verheiratet together zusammen employed angestellt beschäftigt pregnant schwanger waited"
            " gewartet kennengelernt durchgehalten dort last lasts runs go goes went aufgehört angefangen höre auf"
            " hörte endete erst married many old that live lived living stay stayed spend spent travel travelled away"
            " abroad moved geborenes geborene geborener geboren born total totals altogether gesamt liegt verging took"
            " take full whole calendar long lang lange worked ran run gewohnt gelebt verbracht unterwegs gedauert"
        ),
        4,
    ),
)  # fmt: skip
