"""Questions about working days and holidays of a named place; holidays depend on the place."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import day, iso_date
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, rules
from services.planner.recogniser.numbers import COUNT_WORD, count
from services.planner.recogniser.places import PLACE, country_of

_A, _B = day("start"), day("end")
_SPAN_EN = (
    rf"(?:between {_A} and {_B}|from {_A.replace('start', 'first')} (?:to|until|till) {_B.replace('end', 'last')})"
)
_SPAN_DE = (
    rf"(?:zwischen (?:dem )?{_A} und (?:dem )?{_B}"
    rf"|vo[mn] {_A.replace('start', 'first')} bis (?:zum )?{_B.replace('end', 'last')})"
)
_WORK_EN = r"(?:(?:working|business|work) days|workdays)"
_WORK_DE = r"(?:arbeits|werk)tage"
_IN_EN, _IN_DE = rf"in (?:the )?{PLACE}", rf"in (?:der |den )?{PLACE}"
_HOLIDAYS_EN = r"(?:(?:all )?(?:the )?(?:public |(?P<bank>bank )|legal )?holidays)"
_HOLIDAYS_DE = r"(?:gesetzlichen? )?feiertage"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_STEPS = rf"(?P<days>\d+|{COUNT_WORD})"


def _between(found: Found) -> ToolCall | None:
    start, end = iso_date(found["start"] or found["first"]), iso_date(found["end"] or found["last"])
    if start is None or end is None:
        return None
    first, last = sorted((start, end))
    return ToolCall("business_days", {"start_date": first, "end_date": last, **country_of(found["place"])})


def _after(found: Found) -> ToolCall | None:
    start, days = iso_date(found["start"]), count(found["days"], found.tongue)
    if start is None or days is None:
        return None
    return ToolCall("business_days", {"start_date": start, "days": days, **country_of(found["place"])})


def _holidays(found: Found) -> ToolCall | None:
    """`bank holidays` are the public ones in Britain; elsewhere they may be those of the banks alone."""
    place = country_of(found["place"])
    if found["bank"] and place["country"] != "GB":
        return None
    return ToolCall("holidays_list", {"country": place.pop("country"), "year": int(found["year"]), **place})


_RULES = (
    *rules(
        "en",
        _between,
        rf"how many {_WORK_EN} (?:are there |are |lie )?{_SPAN_EN} {_IN_EN}",
        rf"how many {_WORK_EN} (?:are there |are )?{_IN_EN} {_SPAN_EN}",
        rf"{LEAD_EN}(?:number of )?{_WORK_EN} {_IN_EN} {_SPAN_EN}",
        rf"{LEAD_EN}(?:number of )?{_WORK_EN} {_SPAN_EN} {_IN_EN}",
    ),
    *rules(
        "de",
        _between,
        rf"wie ?viele {_WORK_DE} (?:liegen |sind es |gibt es |sind )?{_SPAN_DE} {_IN_DE}",
        rf"wie ?viele {_WORK_DE} (?:liegen |sind es |gibt es |sind )?{_IN_DE} {_SPAN_DE}",
        rf"{LEAD_DE}(?:anzahl der )?{_WORK_DE} {_SPAN_DE} {_IN_DE}",
        rf"{LEAD_DE}(?:anzahl der )?{_WORK_DE} {_IN_DE} {_SPAN_DE}",
        rf"wie ?viele {_WORK_DE} (?:hat|haben) (?:die |das )?{PLACE} {_SPAN_DE}",
    ),
    *rules(
        "en",
        _after,
        rf"(?:what|which) (?:date|day) is {_STEPS} {_WORK_EN} after {_A} {_IN_EN}",
        rf"add {_STEPS} {_WORK_EN} to {_A} {_IN_EN}",
    ),
    *rules("de", _after, rf"(?:welches datum|welcher tag) (?:ist|liegt) {_STEPS} {_WORK_DE} nach dem {_A} {_IN_DE}"),
    *rules(
        "en",
        _holidays,
        rf"{LEAD_EN}(?:an? )?(?:list of )?{_HOLIDAYS_EN} (?:in|of|for) (?:the )?{PLACE}(?: in| for| of|,)? {_YEAR}",
        rf"(?:which|what) {_HOLIDAYS_EN} are (?:there )?in (?:the )?{PLACE}(?: in| for)? {_YEAR}",
        rf"(?:which|what) {_HOLIDAYS_EN} does (?:the )?{PLACE} have in {_YEAR}",
        rf"{LEAD_EN}{PLACE} {_HOLIDAYS_EN}(?: in| for)? {_YEAR}",
    ),
    *rules(
        "de",
        _holidays,
        rf"welche {_HOLIDAYS_DE} (?:gibt es|hat|sind|haben)(?: im jahr)? {_YEAR} {_IN_DE}",
        rf"welche {_HOLIDAYS_DE} gibt es {_IN_DE}(?: im jahr)? {_YEAR}",
        rf"welche {_HOLIDAYS_DE} (?:hat|haben) (?:die |das )?{PLACE}(?: im jahr)? {_YEAR}",
        rf"{LEAD_DE}{_HOLIDAYS_DE} (?:in (?:der |den )?)?{PLACE}(?: im jahr)? {_YEAR}(?: auf)?",
        rf"{LEAD_DE}{_HOLIDAYS_DE}(?: im jahr)? {_YEAR} {_IN_DE}",
    ),
)
WORKDAYS = Family(("work", "business", "holiday", "arbeitstag", "werktag", "feiertag"), _RULES)
