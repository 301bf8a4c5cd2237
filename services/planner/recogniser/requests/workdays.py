"""Working days and public holidays of a place."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import MONTH_NAMES
from services.planner.recogniser.filler import words
from services.planner.recogniser.places import country_of
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.spans import PERIOD
from services.planner.recogniser.requests.values import (
    COUNT,
    ORDINAL,
    PLACE,
    SPANNED,
    YEAR,
    count_of,
    ordinal_of,
    span_of,
)


def _place_of(reading: Reading) -> dict[str, str]:
    """The only country, with its region if one is named too: `in Munich, Germany`."""
    named = reading.all("place")
    places = [country_of(text.lower()) for text in named if text != "us" or len(named) == 1]
    countries = {place["country"] for place in places}
    regions = {place["region"] for place in places if "region" in place}
    if len(countries) != 1 or len(regions) > 1:
        return {}
    return {"country": countries.pop(), **({"region": regions.pop()} if regions else {})}


def _working(reading: Reading) -> ToolCall | None:
    place, days = _place_of(reading), span_of(reading.all("date"))
    counts = [*(count_of(text) for text in reading.all("count")), *(ordinal_of(text) for text in reading.all("nth"))]
    if not place or None in days or None in counts or not reading.has("work") or _OTHER_DAYS & set(reading.words):
        return None
    if len(days) == 2 and not counts:
        first, last = sorted(days, key=str)
        return ToolCall("business_days", {"start_date": first, "end_date": last, **place})
    if len(days) != 1 or len(counts) != 1 or counts[0] is None or (reading.has("back") and reading.has("on")):
        return None
    steps = -counts[0] if reading.has("back") else counts[0]
    return ToolCall("business_days", {"start_date": days[0], "days": steps, **place})


_OTHER_DAYS = words(
    "ignoring disregarding regardless ungeachtet trotz saturdays saturday samstag samstage samstags sundays fridays"
)
_SOME_HOLIDAYS = re.compile(
    r"\b(?:first|next|last|religious|christian|school|erste[rn]?|nächste[rn]?|letzte[rn]?|kirchlich\w*|religiös\w*"
    rf"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|diens|donners|frei|sams|sonn)tage?n?|mittwoch"
    rf"|(?:in|im|of|for|since|after|before|until|ab|nach|vor|bis) (?:{MONTH_NAMES})|(?:{MONTH_NAMES}) (?:19|20)\d\d)\b"
)


def _holidays(reading: Reading) -> ToolCall | None:
    place, years = _place_of(reading), set(reading.all("year"))
    if reading.has("bank") and place.get("country") != "GB":
        return None  # elsewhere they may be those of the banks alone
    if not place or len(years) != 1 or not (reading.has("holidays") or reading.has("bank")):
        return None
    if _SOME_HOLIDAYS.search(reading.text.lower()):
        return None
    return ToolCall("holidays_list", {"country": place.pop("country"), "year": int(years.pop()), **place})


REQUESTS = (
    Request(
        ("work", "business", "arbeitstag", "werktag"),
        {
            "date": SPANNED,
            "place": PLACE,
            "nth": rf"{ORDINAL}(?= (?i:working|business|work|werk|arbeits|bank))",
            "count": rf"{COUNT}(?= (?i:full |volle[nr]? |ganze )?(?i:working|business|work|werk|arbeits|bank))",
        },
        {
            "work": r"(?:working|business|work|banking) ?-?days?|workdays?|(?:arbeits|werk|bankarbeits)tag(?:e?n?|es|s)"
            r"|people .{0,20}have to work",
            "back": r"before|vor|prior(?: to)?|earlier|vorher|davor|zuvor",
            "on": r"after|nach|later|später|danach|ab|from|plus|within|innerhalb",
            "holidays": r"(?:public )?holidays?(?: (?:excluded|removed|taken out|deducted|counted out|not counted))?"
            r"|(?:gesetzliche )?feiertage?(?: (?:abgezogen|nicht mitgezählt|berücksichtigt|ausgenommen))?"
            r"|without (?:public )?holidays|ohne feiertage|excluding (?:public )?holidays|minus (?:public )?holidays",
        },
        _working,
        PERIOD
        | words(
            "bundesland state work land between delivery weekends many confirmed promised truck bis kostet kosten"
            " costs until till through number lie zählen count holiday urlaub geht vacation leave expect first last"
            " gerechnet mit feiertagen without public permit answer reply full volle only day day's vacation's respond"
            " permission kanton canton region province standort site working business zeit darf rechnen counting"
            " behörde frist antworten amt authority office client goods ware branch niederlassung per paid answers"
            " receipt eingang bank braucht überwiesen überweisung geld filiale subsidiary factory werk team fall gives"
            " us spätestens versprochen zugesagt dauert dauern takes take"
        ),
        5,
    ),
    Request(
        ("holiday", "feiertag"),
        {"year": YEAR, "place": PLACE},
        {
            "bank": r"bank ?holidays?",
            "holidays": r"(?:(?:public|legal|official|national|statutory)(?: and | & |, )?)* ?holidays?"
            r"|feiertags(?:liste|kalender|übersicht)|(?:gesetzliche[rnm]? )?feiertage?n?",
        },
        _holidays,
        PERIOD
        | words(
            "public gesetzlicher gesetzliche dates überall over there plan trip bundesweit offiziell official days"
            " list year calendar kalender dienstplan schichtplan roster rota fürs restaurant off closed team because"
            " falls land bundesland kanton state region kalenderjahr jeweils free frei tagen tage"
        ),
        4,
    ),
)
