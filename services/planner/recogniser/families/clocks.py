"""Questions about a moment: the same one in another zone, and the next run of a schedule."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import day, iso_date
from services.planner.recogniser.grammar import Family, Found, quoted, rules
from services.planner.recogniser.places import zone, zone_of

_D = day("day")
_T = r"(?P<time>\d{1,2}:\d{2}|\d{1,2}(?= ?[ap]m))(?: ?(?P<half>am|pm))?(?: uhr| o'clock)?"
_AT = rf"(?:(?:am|den|der|dem) )?{_D}(?: | at | um |t|, )(?:{_T})"
_FROM, _TO = zone("source"), zone("target")
_INSTANT = r"(?P<instant>\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(?::\d{2})?(?:z|[+-]\d{2}:\d{2}))"
_NAMED = "sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FIELD = rf"(?:[0-9*/,-]|{_NAMED}){{1,20}}"
_SCHEDULE = rf"(?:{quoted('literal')}|(?P<schedule>{_FIELD}(?: {_FIELD}){{4}}))"
_CRON_EN = rf"(?:the )?cron(?:tab)?(?: job| expression| schedule)? {_SCHEDULE}"
_CRON_DE = rf"(?:der |des |die |von )?cron(?:tab|-?ausdrucks?|-?job)? {_SCHEDULE}"


def _local(found: Found) -> str | None:
    """Date and time of day as `YYYY-MM-DDThh:mm`."""
    date = iso_date(found["day"])
    hours, minutes = map(int, (found["time"] if ":" in found["time"] else f"{found['time']}:00").split(":"))
    if found["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if found["half"] == "pm" else 0)
    return None if date is None or hours > 23 or minutes > 59 else f"{date}T{hours:02}:{minutes:02}"


def _elsewhere(found: Found) -> ToolCall | None:
    local = _local(found)
    if local is None:
        return None
    source, target = zone_of(found.written("source")), zone_of(found.written("target"))
    arguments = {"local_datetime": local, "from_timezone": source, "to_timezone": target, "locale": found.tongue}
    return ToolCall("timezone_convert", arguments)


def _instant(found: Found) -> ToolCall:
    there = zone_of(found.written("target"))
    instant = found["instant"].upper()
    return ToolCall("time_facts", {"instant": instant, "timezone_name": there, "locale": found.tongue})


def _next_run(found: Found) -> ToolCall | None:
    name = next(group for group in ("literal", "bare", "schedule") if found[group])
    expression = " ".join(found.written(name).split())
    after = _local(found)
    if after is None or not re.fullmatch(rf"{_FIELD}(?: {_FIELD}){{4}}", expression.lower()):
        return None
    return ToolCall("cron_next", {"expression": expression, "after": after})


_RULES = (
    *rules(
        "en",
        _elsewhere,
        rf"(?:convert|what is|what's|what time is) {_AT} (?:from |in )?{_FROM}(?: time)? (?:to|in) {_TO}(?: time)?",
        rf"(?:when|if) it is {_AT} in {_FROM}, (?:what time is it|what is the time) in {_TO}",
    ),
    *rules(
        "en",
        _elsewhere,
        rf"(?:what time is it|what is the time) in {_TO} (?:when|if) it is {_AT} in {_FROM}",
    ),
    *rules(
        "de",
        _elsewhere,
        rf"(?:wandle|rechne) {_AT} von {_FROM}(?:er zeit)? (?:nach|in) {_TO}(?:er zeit)? um",
        rf"wie (?:spät|viel uhr) ist es in {_TO}, wenn es {_AT} in {_FROM} ist",
        rf"wenn es (?:am )?{_D} in {_FROM} {_T} ist, wie (?:spät|viel uhr) ist es in {_TO}",
    ),
    *rules(
        "en",
        _instant,
        rf"(?:what is |what's )?(?:the )?(?:local )?time in {_TO} (?:at|on) {_INSTANT}",
        rf"(?:is|was|will) (?:it )?(?:in )?{_TO} (?:be )?(?:on |in |observing )?(?:daylight saving(?:s)?(?: time)?|dst"
        rf"|summer ?time)(?: in effect)?(?: at| on)? {_INSTANT}",
        rf"(?:what is |what's )?(?:the )?(?:utc |time ?zone )offset (?:in |of |for )?{_TO} (?:at |on )?{_INSTANT}",
        rf"(?:whether |is )?(?:daylight saving(?:s)? time|dst|summer time) (?:is )?(?:in force|active|in effect"
        rf"|on|observed) in {_TO} (?:at|on) {_INSTANT}",
        rf"(?:what is|what's|what time is|convert) {_INSTANT} (?:in|to) {_TO}",
    ),
    *rules(
        "de",
        _instant,
        rf"(?:welchen|welcher) (?:utc-?|zeitzonen-?)(?:offset|versatz|abstand) (?:hat|gilt in|ist in) {_TO}"
        rf" (?:am|um) {_INSTANT}",
        rf"wie spät ist es in {_TO} um {_INSTANT}",
        rf"(?:wie lautet |was ist )?(?:der )?utc-?(?:abstand|offset|versatz) (?:in|von) {_TO} (?:um|am) {_INSTANT}",
        rf"(?:ist|gilt) in {_TO} (?:um|am) {_INSTANT} sommerzeit",
        rf"was ist {_INSTANT} in {_TO}(?: als ortszeit)?",
        rf"rechne {_INSTANT} (?:nach|in) {_TO} um",
    ),
    *rules(
        "en",
        _next_run,
        rf"when (?:does|will) (?:{_CRON_EN}|{quoted('bare')}) (?:next run|run next) after {_AT}",
        rf"(?:what is )?(?:the )?next (?:run|execution) of {_CRON_EN} after {_AT}",
    ),
    *rules(
        "de",
        _next_run,
        rf"wann (?:läuft|startet) {_CRON_DE} nach dem {_AT} (?:das nächste mal|als nächstes)",
        rf"wann (?:läuft|startet) (?:{_CRON_DE}|{quoted('bare')}) (?:das nächste mal|als nächstes) nach (?:dem )?{_AT}",
        rf"(?:was ist )?(?:die )?nächste ausführung (?:von )?{_CRON_DE} nach dem {_AT}",
    ),
)
CLOCKS = Family((":", "am", "pm"), _RULES)
