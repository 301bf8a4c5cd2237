"""Questions about one day: days before or after it, its weekday, its week, its place in the year."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import day, iso_date
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, rules
from services.planner.recogniser.numbers import COUNT_WORD, count

_D = day("day")
_DE_D = rf"(?:der |dem |den |des |am |zum |vom )?{_D}"
_STEP_EN = rf"(?:\d{{1,6}}|{COUNT_WORD}) (?:days?|weeks?|months?|years?)"
_STEP_DE = rf"(?:\d{{1,6}}|{COUNT_WORD}) (?:tage?n?|wochen?|monate?n?|jahre?n?)"
_STEPS_EN = rf"(?P<steps>{_STEP_EN}(?:, {_STEP_EN})?(?:,? and {_STEP_EN})?)"
_STEPS_DE = rf"(?P<steps>{_STEP_DE}(?:, {_STEP_DE})?(?: und {_STEP_DE})?)"
_WHAT_DATE_EN = r"(?:what|which) (?:date|day) (?:is it|is|comes|will it be|was|falls)"
_WHAT_DATE_DE = r"(?:welches datum|welcher tag) (?:ist|liegt|war|haben wir|kommt|ist es)"
_DAYS = {"d": ("days", 1), "t": ("days", 1), "w": ("days", 7), "m": ("months", 1), "y": ("years", 1), "j": ("years", 1)}
_SIZE = ("years", "months", "days")
_FULL_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS_DE = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")


def _moved(found: Found) -> ToolCall | None:
    """Add all steps to the day; subtract them if the rule has a group `back`."""
    start = iso_date(found["day"])
    sums: dict[str, int] = {}
    words = found["steps"].replace(",", "").split()
    for amount, unit in zip(*[iter(word for word in words if word not in ("and", "und"))] * 2, strict=True):
        argument, factor = _DAYS[unit[0]]
        steps = count(amount, found.tongue)
        if steps is None:
            return None
        sums[argument] = sums.get(argument, 0) + steps * factor
    if found["back"]:
        sums = {argument: -steps for argument, steps in sums.items()}
    if start is None:
        return None
    return ToolCall("date_add", {"base_date": start, **{name: sums[name] for name in _SIZE if name in sums}})


def _weekday(found: Found) -> ToolCall | None:
    start = iso_date(found["day"])
    return None if start is None else ToolCall("day_of_week", {"date_str": start})


def _week(found: Found) -> ToolCall | None:
    start = iso_date(found["day"])
    return None if start is None else ToolCall("iso_week", {"date_str": start})


def _monday(found: Found) -> ToolCall | None:
    names = _FULL_WEEKDAYS if found.tongue == "en" else _WEEKDAYS_DE
    week = int(found["week"])
    if not 1 <= week <= 53:
        return None
    weekday = names.index(found["weekday"]) + 1
    return ToolCall("iso_week", {"year": int(found["year"]), "week": week, "weekday": weekday})


def _dates_of_a_week(found: Found) -> ToolCall | None:
    week = int(found["week"])
    return ToolCall("iso_week", {"year": int(found["year"]), "week": week}) if 1 <= week <= 53 else None


def _facts(found: Found) -> ToolCall | None:
    """The matched group names the requested fact."""
    start = f"{found['year']}-01-01" if found["year"] else iso_date(found["day"])
    focus = "leap_year" if found["year"] else "quarter" if found["quarter"] else "day_of_year"
    return None if start is None else ToolCall("calendar_facts", {"date_str": start, "locale": found.tongue}, focus)


_BACK_EN, _BACK_DE = "(?P<back>before)", "(?P<back>vor)"
_WEEKDAY_EN = r"(?:day of the week|weekday|day)"
_WEEK_EN = r"(?:(?:iso|calendar) )?week"
_WEEK_DE = r"(?:kalenderwoche|kw)"
_OF_A_YEAR = r"(?P<week>\d\d?)(?:/|,? | im jahr | von | in | of )(?P<year>(?:19|20)\d{2})"
_RULES = (
    *rules(
        "en",
        _dates_of_a_week,
        rf"(?:(?:what|which) )?(?:dates|days)(?: are| is)? (?:in|of|for) (?:the )?{_WEEK_EN} {_OF_A_YEAR}",
        rf"when (?:is|was|does|did) (?:the )?{_WEEK_EN} {_OF_A_YEAR}(?: start| begin| end)?",
        rf"(?:first|last) day of {_WEEK_EN} {_OF_A_YEAR}",
    ),
    *rules(
        "de",
        _dates_of_a_week,
        rf"(?:wann|von wann bis wann) (?:ist|war|geht|beginnt|fängt) (?:die )?{_WEEK_DE} {_OF_A_YEAR}(?: an)?",
        rf"welche (?:tage|daten) (?:hat|sind in|liegen in|gehören zu) (?:der )?{_WEEK_DE} {_OF_A_YEAR}",
    ),
    *rules(
        "en",
        _moved,
        rf"(?:{_WHAT_DATE_EN} |{LEAD_EN}date (?:that is )?)?{_STEPS_EN} (?:after|from|{_BACK_EN}) {_D}",
        rf"add {_STEPS_EN} to {_D}",
        rf"(?P<back>subtract) {_STEPS_EN} from {_D}",
        rf"{LEAD_EN}{_D} (?:\+|plus|(?P<back>-|minus)) {_STEPS_EN}",
    ),
    *rules(
        "de",
        _moved,
        rf"(?:{_WHAT_DATE_DE} |{LEAD_DE}datum )?{_STEPS_DE} (?:nach|{_BACK_DE}) {_DE_D}",
        rf"wann (?:sind|ist|waren) {_STEPS_DE} nach {_DE_D}(?: vorbei| um| vergangen)?",
        rf"addiere {_STEPS_DE} zu[mr]? {_DE_D}",
        rf"rechne {_STEPS_DE} zu[mr]? {_DE_D} (?:dazu|hinzu)",
        rf"(?P<back>ziehe|subtrahiere) {_STEPS_DE} vo[nm] {_DE_D}(?: ab)?",
        rf"{LEAD_DE}{_DE_D} (?:\+|plus|(?P<back>-|minus)) {_STEPS_DE}",
    ),
    *rules(
        "en",
        _weekday,
        rf"(?:on )?(?:what|which) {_WEEKDAY_EN} (?:was|is|will|does|did|is on) {_D}(?: fall| fall on| be)?",
        rf"{LEAD_EN}(?:day of the week|weekday) (?:of|for|on) {_D}",
    ),
    *rules(
        "de",
        _weekday,
        rf"(?:was für ein|welcher) (?:wochentag|tag) (?:war|ist|wird) {_DE_D}",
        rf"was (?:war|ist) {_DE_D} für ein (?:wochentag|tag)",
        rf"auf welchen (?:wochentag|tag) (?:fällt|fiel) {_DE_D}",
        rf"an welchem wochentag (?:war|ist|liegt) {_DE_D}",
        rf"{LEAD_DE}wochentag (?:des|vom|von|für den|am) {_D}",
    ),
    *rules(
        "en",
        _week,
        rf"(?:in )?(?:what|which) (?:iso|calendar) week (?:number )?(?:is|was|does) {_D}(?: in| fall in)?",
        rf"(?:in )?(?:what|which) (?:week number|week of the year) (?:is|was|does) {_D}(?: in| fall in)?",
        rf"{LEAD_EN}(?:iso week(?: number)?|calendar week(?: number)?|week number) (?:of|for) {_D}",
    ),
    *rules(
        "de",
        _week,
        rf"(?:in welcher|welche|in welche|an welcher) {_WEEK_DE} (?:liegt|ist|war|fällt|fiel|hat|lag) {_DE_D}",
        rf"{LEAD_DE}{_WEEK_DE} (?:des|vom|von|für den|am) {_D}",
    ),
    *rules(
        "en",
        _monday,
        rf"(?:what|which) date is (?:the )?(?P<weekday>{'|'.join(_FULL_WEEKDAYS)}) (?:of|in) {_WEEK_EN} (?P<week>\d\d?)"
        rf"(?: of| in|,)? (?P<year>\d{{4}})",
    ),
    *rules(
        "de",
        _monday,
        rf"welches datum (?:hat|ist) (?:der )?(?P<weekday>{'|'.join(_WEEKDAYS_DE)}) (?:der|in|in der|von) {_WEEK_DE} "
        rf"(?P<week>\d\d?)(?:/| | im jahr | von | in )(?P<year>\d{{4}})",
    ),
    *rules(
        "en",
        _facts,
        rf"{LEAD_EN}(?:which |what )?(?:number )?day of (?:the )?year (?:is |of |for )?{_D}",
        rf"(?:in )?(?:which|what) (?P<quarter>quarter)(?: of the year)? (?:is|does|was) {_D}(?: fall)?(?: in| into)?",
        r"(?:is|was|will) (?:the year )?(?P<year>\d{4}) (?:be )?a leap year",
    ),
    *rules(
        "de",
        _facts,
        rf"(?:der wievielte|welcher) tag (?:des jahres|im jahr) (?:ist|war) {_DE_D}",
        rf"(?:in welchem|welches|in welches) (?P<quarter>quartal) (?:liegt|ist|fällt|war|lag) {_DE_D}",
        r"(?:ist|war|wird) (?:das jahr )?(?P<year>\d{4}) ein schaltjahr",
    ),
)
CALENDARS = Family(
    ("day", "week", "month", "year", "quarter", "tag", "woche", "monat", "jahr", "quartal", "kw "), _RULES
)
