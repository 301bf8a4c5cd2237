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
    if _ASKS_FOR_ANOTHER_TIME.search(reading.text.lower()) or _JOINED_ZONES.search(reading.text):
        return None
    if local is None or len(zones) != 2 or bool(date) == (kind == "moment") or not clock:
        return None
    source = _source(reading, reading.places[kind][0], clock, zones)
    if source is None:
        return None
    here, there = zone_of(zones[source][1]), zone_of(zones[1 - source][1])
    return ToolCall(
        "timezone_convert",
        {"local_datetime": local, "from_timezone": here, "to_timezone": there, "locale": reading.tongue},
    )


def _source(reading: Reading, start: int, clock: str, zones: list[tuple[int, str]]) -> int | None:
    """Which zone is that of the moment: the near one; else the one named before the question that names the other."""
    text, end = reading.text.lower(), start + len(clock)
    ranks = [_rank(text, start, end, place, zone) for place, zone in zones]
    if ranks[0] != ranks[1]:
        return 0 if ranks[0] < ranks[1] else 1
    asked = next((found.start() for found in _ASKS.finditer(text) if found.start() > end), None)
    is_told_before = asked is not None and ranks[0] == _FAR and zones[0][0] < asked < zones[1][0]
    return 0 if is_told_before else None


def _rank(text: str, start: int, end: int, place: int, zone: str) -> tuple[int, int]:
    """Lower for a zone that is nearer to the moment: `Berlin 9:00`, `9:00 in Berlin`, `in Berlin it is 9:00`."""
    is_after = place > end
    link = _TIME_WORDS.sub("", text[end:place] if is_after else text[place + len(zone) : start]).strip(" (")
    if link == "" or (is_after and link in _OF_THE_MOMENT):
        return (1 if is_after else 0), 0
    return (
        _FAR
        if len(link) > _NEAR
        or _SENTENCE_END.search(link)
        or (is_after and not _OF_ANOTHER.isdisjoint(link.split()[:1]))
        else (2, len(link))
    )


_JOINED_ZONES = re.compile(rf"{ZONE}(?: (?:and|und|or|oder|&) |, ){ZONE}")
_SENTENCE_END = re.compile(r"[.?!;]")
_FAR = (3, 0)
_NEAR = 12  # letters between a moment and its zone: `is on the`
_OF_THE_MOMENT = words("in from at von aus ab")
_OF_ANOTHER = words("and und to nach for für but aber , ; . ? : - = -> → \u2013")
_TIME_WORDS = re.compile(
    r"\b(?:local time|ortszeit|time|zeit|uhr|o'clock|sharp|in the (?:morning|afternoon|evening)|morgens|abends"
    r"|nachmittags)\b"
)
# a flight takes a time that is not in the question
_ASKS_FOR_ANOTHER_TIME = re.compile(
    r"\b(?:when|what time|wann|wie spät|wie viel uhr)\b[^.?!]{0,50}\b(?:lands?|arrives?|touch down|landet|landen"
    r"|ankomm\w*)\b|\b(?:daylight|dst|summer ?time|sommerzeit|winterzeit)\b"
    r"|\b(?:sunset|sunrise|sonnen(?:auf|unter)gang|opens?|öffnet)\b|\b(?:komme?|kommen"
    r"|kommt)\b[^.?!]{0,40}\ban\b"
)
_ASKS = re.compile(
    r"\b(?:what time|when|which time|what hour|what(?:'s| is| will) (?:that|it)|wie spät|wie viel uhr|wann"
    r"|welche uhrzeit)\b"
)


def _zones(reading: Reading) -> list[tuple[int, str]]:
    """Place and name of each zone; `Hamburg (Europe/Berlin)` names one twice."""
    found: dict[str, tuple[int, str]] = {}
    for place, zone in zip(reading.places.get("zone", ()), reading.all("zone"), strict=True):
        found.setdefault(zone_of(zone), (place, zone))
    return list(found.values())


def _is_bare(reading: Reading) -> bool:
    """`2025-11-03 09:00 America/Los_Angeles to Europe/Berlin`; with names of cities it may be a flight."""
    kinds = [kind for kind, _ in reading.pieces]
    are_zones = all("/" in zone for zone in reading.all("zone"))
    return (kinds == ["v", "v", "f", "v"] and reading.words[0] in ("to", "nach")) or (
        are_zones and set(kinds) <= {"v", "f", "S"} and not {"to", "in", "nach"}.isdisjoint(reading.words)
    )


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


_BEFORE = words("last previous before prior letzte letzten letzter vorige vorigen vorherige vor zuletzt")


def _next_runs(reading: Reading) -> ToolCall | None:
    expressions = [
        *(text.rstrip(",") for text in reading.all("cron")),
        *(text for text in reading.all("quoted") if _CRON.fullmatch(text.strip())),
    ]
    after = moment_of(reading.only("moment"))
    counts = [count_of(text) for text in reading.all("count")]
    zones = {zone_of(zone) for zone in reading.all("zone")}
    if _BEFORE & set(reading.words):
        return None
    if len(expressions) != 1 or after is None or len(counts) > 1 or len(zones) > 1:
        return None
    is_bare = {kind for kind, _ in reading.pieces} <= set("vfS")
    if len(reading.all("quoted")) + len(reading.all("cron")) != 1 or None in counts or not (reading.keys or is_bare):
        return None
    more = {"count": counts[0]} if counts and counts[0] != 1 else {}
    zone = {"timezone_name": zones.pop()} if zones else {}
    return ToolCall("cron_next", {"expression": expressions[0].strip(), "after": after, **more, **zone})


REQUESTS = (
    Request(
        (":", "am", "pm"),
        {"moment": MOMENT, "zone": ZONE, "date": DATE, "clock": CLOCK},
        {
            "time": r"(?:(?:his|her|their) )?(?:local )?time|uhrzeit|ortszeit|zeit|clock|wie spät|wie viel uhr|when"
            r"|wann|convert|rechne|umrechnen|wandle|(?:what|which) hour|welche stunde|entspricht|umgerechnet|=|->|→"
        },
        lambda reading: _elsewhere(reading) if reading.has("time") or _is_bare(reading) else None,
        words(
            "time clock webinar call meeting starts start begins beginnt flight land lands departs show shows zone"
            " zeit convert there stream game launch conference local meinem attend join um online friend colleagues"
            " live streams spät uhr wandle rechne us tag laut invitation einladung kick kicks kickoff off anpfiff"
            " anruf calls dial einwählen einschalten zuschalten anrufen telefonieren watch watches tune treffen"
            " besprechung konferenz spiel sendung übertragung vorlesung match deadline hour hours begin flug arrives"
            " departure ankunft abflug landet landung startet then dann calendar kalender day lives sits lebt sitzt"
            " wohnt we're i'm zoom teams meet joining dran fernseher tv radio angepfiffen angesetzt corresponding"
            " entsprechende interview ready wach awake bereit log login dabei anschalten vorstellungsgespräch webcast"
            " telefonat"
        ),
        5,
    ),
    Request(
        ("t0", "t1", "t2", "unix", "epoch", "timestamp", "zeitstempel"),
        {"instant": INSTANT, "unix": r"(?<![\w.,])\d{9,11}(?![\w]|[.,]\d)", "zone": ZONE},
        {
            "unix": r"unix(?:[- ](?:time(?:stamp)?|zeit|epoch))?|unixzeit|epoch(?: (?:time|seconds))?|timestamp"
            r"|zeitstempel",
            "time": r"(?:(?:what|which) )?(?:local |wall[- ]?clock )?time|uhrzeit|ortszeit|lokalzeit|(?:local )?clocks?"
            r"|wie spät|wie viel uhr|(?:(?:utc|gmt)[- ]?)?(?:offset|versatz|abstand)|dst|daylight[- ]savings?(?: time)?"
            r"|summer[- ]?time|winter[- ]?time|standard time|(?:sommer|winter|normal)(?:- oder (?:sommer|winter))?zeit"
            r"|(?:how far )?(?:ahead of|behind) (?:utc|gmt)|date|datum",
        },
        _instant,
        words(
            "offset applies local clock zeit gilt there log logs entry server effect force dst means convert human"
            " readable lesbar crash crashed absturz abgestürzt error fehler fehlermeldung alarm alert event ereignis"
            " picture photo taken recorded aufgenommen sit sitze sitzen live lebe wohne wohnen office büro wall"
            " already observing message stamped sent email mail nachricht seen gesendet geschickt then utc far behind"
            " gone forward back summer winter sommer oder schon noch still clocks hours ahead us locally vor ort"
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
            r"|als nächstes|läuft|läufe?|ausführung(?:en)?|startet|trigger(?:s|ed)?|upcoming|scheduled|start(?:s|ed)?"
            r"|feuert|ausgelöst|auslöst|ausgeführt|gestartet|anspringt|springt|dran|kicks in|go(?:es)? off|executed?"
            r"|executes|(?:das )?nächste mal|termine?|wieder",
        },
        _next_runs,
        words(
            "cron crontab cronjob job jobs schedule scheduled expression ausdruck backup starting assuming times time"
            " next fire fires after ab nach dem zeitplan utc zeit uhr task script entry eintrag cron-ausdruck cron-job"
            " heute jetzt now today laut when's zeitzone timezone runs set gesetzt says given assume box server"
            " machine maschine weekly nightly daily hourly rule regel trigger trägt steht steht's will's am um"
            " following"
        ),
        4,
    ),
)
