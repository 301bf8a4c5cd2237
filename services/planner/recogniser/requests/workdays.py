"""Working days and public holidays of a place."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.places import country_of
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import (
    COUNT,
    DATE,
    PLACE,
    YEAR,
    count_of,
    date_of,
)

_PERIOD = words(
    "deadline notice period contract term starts start starting begins begin beginning beginnt ends end ending läuft"
    " frist tag date day days datum birthday project invoice due falls fall lands land kündigungsfrist rechnung"
    " fällig vertrag laufzeit delivery ordered bestellt lieferung event wedding meeting's warranty garantie"
    " probezeit latest exact going forward later danach"
)


def _working(reading: Reading) -> ToolCall | None:
    place, days = reading.only("place").lower(), [date_of(text) for text in reading.all("date")]
    counts = [count_of(re.sub(r"(?:\.|st|nd|rd|th)$", "", text)) for text in reading.all("count")]
    if not place or None in days or None in counts or not reading.has("work"):
        return None
    there = country_of(place)
    if len(days) == 2 and not counts:
        return ToolCall("business_days", {"start_date": days[0], "end_date": days[1], **there})
    if len(days) == 1 and len(counts) == 1 and not reading.has("back"):
        return ToolCall("business_days", {"start_date": days[0], "days": counts[0], **there})
    return None


_COUNTED = re.compile(r"how many|wie ?viele|number of|anzahl")


def _holidays(reading: Reading) -> ToolCall | None:
    place, year = reading.only("place").lower(), reading.only("year")
    if not place or not year or not reading.has("holidays") or _COUNTED.search(reading.text.lower()):
        return None
    there = country_of(place)
    return ToolCall("holidays_list", {"country": there.pop("country"), "year": int(year), **there})


REQUESTS = (
    Request(
        ("work", "business", "arbeitstag", "werktag"),
        {
            "date": DATE,
            "place": PLACE,
            "count": rf"(?<![\w.,])\d{{1,3}}(?:\.|st|nd|rd|th)(?= (?i:working|business|work|werk|arbeits))"
            rf"|{COUNT}(?= (?i:working|business|work|werk|arbeits))",
        },
        {
            "work": r"(?:working|business|work) ?-?days?|workdays?|(?:arbeits|werk)tag(?:e?n?)"
            r"|people .{0,20}have to work",
            "back": r"before|vor|prior|earlier",
            "holidays": r"(?:public )?holidays?(?: (?:excluded|removed|taken out|deducted|counted out|not counted))?"
            r"|(?:gesetzliche )?feiertage?(?: (?:abgezogen|nicht mitgezählt|berücksichtigt|ausgenommen))?"
            r"|without (?:public )?holidays|ohne feiertage|excluding (?:public )?holidays|minus (?:public )?holidays",
        },
        _working,
        _PERIOD | words("bundesland state work land between delivery weekends many"),
        4,
    ),
    Request(
        ("holiday", "feiertag"),
        {"year": YEAR, "place": PLACE},
        {
            "holidays": r"(?:(?:public|legal|official|national|statutory)(?: and | & |, )?)* ?holidays?"
            r"|feiertags(?:liste|kalender|übersicht)|(?:gesetzliche[rnm]? )?feiertage?n?"
        },
        _holidays,
        _PERIOD
        | words(
            "public gesetzlicher gesetzliche dates überall over there plan trip bundesweit offiziell official"
            " days list year calendar kalender"
        ),
        4,
    ),
)
