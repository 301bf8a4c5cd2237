"""Moments in zones, instants, and schedules."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import COUNT_WORD
from services.planner.recogniser.places import zone_of
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import (
    CLOCK,
    COUNT,
    DATE,
    INSTANT,
    MOMENT,
    QUOTED,
    ZONE,
    count_of,
    moment_of,
)


def _elsewhere(reading: Reading) -> ToolCall | None:
    """The zone after the moment, or right before it, is that of the moment."""
    kind = "moment" if reading.all("moment") else "clock"
    clock, date, zones = reading.only(kind), reading.only("date"), _zones(reading)
    local = moment_of(clock if kind == "moment" else f"{date} {clock}")
    if {"i", "am"} <= set(reading.words) and "?" not in reading.text and not reading.text.endswith(" when"):
        return None
    if local is None or len(zones) != 2 or bool(date) == (kind == "moment") or not clock:
        return None
    start, end = reading.places[kind][0], reading.places[kind][0] + len(clock)
    gaps = [place - end if place > end else start - place - len(zone) for place, zone in zones]
    source = 0 if gaps[0] <= gaps[1] else 1
    if gaps[source] > _NEAR or gaps[0] == gaps[1]:
        return None
    here, there = zone_of(zones[source][1]), zone_of(zones[1 - source][1])
    return ToolCall(
        "timezone_convert",
        {"local_datetime": local, "from_timezone": here, "to_timezone": there, "locale": reading.tongue},
    )


def _zones(reading: Reading) -> list[tuple[int, str]]:
    """Place and name of each zone; `Hamburg (Europe/Berlin)` names one twice."""
    found: dict[str, tuple[int, str]] = {}
    for place, zone in zip(reading.places.get("zone", ()), reading.all("zone"), strict=True):
        found.setdefault(zone_of(zone), (place, zone))
    return list(found.values())


def _is_bare(reading: Reading) -> bool:
    """`2025-11-03 09:00 America/Los_Angeles to Europe/Berlin`."""
    return [kind for kind, _ in reading.pieces] == ["v", "v", "f", "v"] and reading.words[0] in ("to", "nach")


_NEAR = 12  # letters between a moment and its zone: ` in `, ` uhr in `


def _instant(reading: Reading) -> ToolCall | None:
    zones, instant, unix = reading.all("zone"), reading.only("instant"), reading.only("unix")
    if len(zones) > 1 or bool(instant) == bool(unix) or not (zones or reading.has("unix")):
        return None
    if unix and not reading.has("unix"):
        return None
    moment = f"@{unix}" if unix else instant
    return ToolCall("time_facts", {
        "instant": moment, "timezone_name": zone_of(zones[0]) if zones else "UTC", "locale": reading.tongue or "en",
    })  # fmt: skip


_NAMED = "sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FIELD = rf"(?i:[0-9*/,-]|{_NAMED}){{1,20}}"
_CRON = re.compile(rf"{_FIELD}(?: {_FIELD}){{4}}")


def _next_runs(reading: Reading) -> ToolCall | None:
    expressions = [
        *(text.rstrip(",") for text in reading.all("cron")),
        *(text for text in reading.all("quoted") if _CRON.fullmatch(text.strip())),
    ]
    after = moment_of(reading.only("moment"))
    counts = [count_of(text) for text in reading.all("count")]
    zones = {zone_of(zone) for zone in reading.all("zone")}
    if len(expressions) != 1 or after is None or len(counts) > 1 or len(zones) > 1 or not reading.keys:
        return None
    if len(reading.all("quoted")) + len(reading.all("cron")) != 1 or None in counts:
        return None
    more = {"count": counts[0]} if counts and counts[0] != 1 else {}
    zone = {"timezone_name": zones.pop()} if zones else {}
    return ToolCall("cron_next", {"expression": expressions[0].strip(), "after": after, **more, **zone})


REQUESTS = (
    Request(
        (":", "am", "pm"),
        {"moment": MOMENT, "zone": ZONE, "date": DATE, "clock": CLOCK},
        {
            "time": r"(?:local )?time|uhrzeit|ortszeit|zeit|clock|wie spät|wie viel uhr|when|wann|convert|rechne"
            r"|umrechnen|wandle|(?:what|which) hour|welche stunde|entspricht"
        },
        lambda reading: _elsewhere(reading) if reading.has("time") or _is_bare(reading) else None,
        words(
            "time clock webinar call meeting starts start begins beginnt flight land lands departs show shows zone zeit"
            " convert there stream game show launch conference local meinem attend join convert um online friend"
            " colleagues live streams spät uhr wandle rechne"
        ),
        5,
    ),
    Request(
        ("t0", "t1", "t2", "unix", "epoch", "timestamp", "zeitstempel"),
        {"instant": INSTANT, "unix": r"(?<![\w.,])\d{9,11}(?![\w]|[.,]\d)", "zone": ZONE},
        {
            "unix": r"unix(?:[- ](?:time(?:stamp)?|zeit|epoch))?|unixzeit|epoch(?: (?:time|seconds))?|timestamp"
            r"|zeitstempel",
            "time": r"(?:local )?time|uhrzeit|ortszeit|(?:utc[- ]?)?(?:offset|versatz)|dst"
            r"|daylight saving(?: time)?|summer time"
            r"|sommerzeit|date|datum",
        },
        _instant,
        words(
            "offset applies local clock zeit gilt there log entry server effect force dst means convert human readable"
            " lesbar"
        ),
        4,
        yes_or_no=True,
    ),
    Request(
        ("*", "run", "next", "execut", "läuf", "ausführ", "fire", "cron", "schedule", "job"),
        {
            "cron": rf"(?<![\w*/]){_FIELD}(?: {_FIELD}){{4}}(?![\w*/])",
            "moment": MOMENT,
            "zone": ZONE,
            "count": rf"{COUNT}(?= (?i:next|runs?|executions?|times|fire|firings|nächsten|läufe|ausführungen"
            rf"|termine|upcoming"
            r"|more|following|mal))|(?<=next )(?:\d{1,3}|(?i:" + COUNT_WORD + r"))(?!\w)"
            r"|(?<=nächsten )(?:\d{1,3}|(?i:" + COUNT_WORD + r"))(?!\w)",
            "quoted": QUOTED,
        },
        {
            "next": r"next(?: (?:run|execution|time|fire|firing)s?)?|runs?|executions?|fires?|fire times|nächste[rnms]?"
            r"|als nächstes|läuft|läufe|ausführung(?:en)?|startet|trigger(?:s|ed)?|upcoming|scheduled",
        },
        _next_runs,
        words(
            "cron crontab cronjob job jobs schedule scheduled expression ausdruck backup starting assuming times"
            " time next"
            " fire fires after ab nach dem zeitplan utc zeit uhr task script"
        ),
        4,
    ),
)
