"""Questions that name the subject and the values of a call, but want more or another thing than it returns.

However a call was read, a word of its tool's pattern anywhere in the question leaves it to the model.
"""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import ANY_DAY

_ANY_CASE = re.IGNORECASE
_ORDINAL = (
    r"(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th)|zweite|dritte|vierte|fünfte"
    r"|zehnte|(?<!:)\d+\.(?= (?:lauf|ausf|termin|mal)))[nrms]?"
)
_STEP = (
    r"(?:\d+|an?|one|two|three|half an|eine?[rn]?|zwei|drei|eine halbe)[ -](?:hours?|minutes?|mins?|seconds?|days?"
    r"|weeks?|stunden?|minuten?|sekunden?|tage?n?|wochen?)"
)
_CRON_FIELD = r"(?:[\d*/,-]{1,9}|(?:sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b)"
_LATER = rf"{_STEP} (?:after|before|later|earlier|past|nach|vor|später|früher|danach|davor)"
_OWNER = (
    r"belongs?|belonging|owne[rd]s?|owns|holders?|gehört(?! zur?\b)|gehören|inhaber\w*|exists?|existiert|blocked"
    r"|gesperrt|stolen|gestohlen|geklaut|expire[sd]?|expiry|abgelaufen|läuft ab|active|aktiv|scam|fraud|betrug"
    r"|debit or credit|credit or debit|balance|guthaben|limit|and (?:did|does|has|will)|und (?:ist|hat|kam|wird|kommt)"
)
# the first day of these is one of their days
_STAY = (
    r"(?:urlaub|ferien|vacation|holidays?|trip|reise|tour|cruise|kreuzfahrt|festival|conference|konferenz|kurs|course"
    r"|seminar|lehrgang|exhibition|ausstellung|messe|fair|camp)"
)
# `two weeks after the due date. When was the due date?`
_OF_ANOTHER_DAY = (
    rf"(?:earlier|later|sooner|früher|später) (?:than|als)(?! (?:{ANY_DAY}))"
    r"|(?:before|after|vor|nach) (?:the|my|our|his|her|its|dem|der"
    r"|meine[mr]|unsere[mr]|seine[mr]|ihre[mr]) (?P<event>[^\W\d_]+(?: [^\W\d_]+)?)\b.*[.!?;,].*\b(?:when|what|which"
    r"|wann|welche\w*)\b.*\b(?P=event)"
)
# `tomorrow is 3 March 2025. What date is in 10 days?`
_NEAR_TODAY = (
    r"(?:tomorrow|yesterday|morgen|übermorgen|gestern|vorgestern)(?:'s| is| was| will be| ist| war|,? de[rm])"
    r"|(?:is|was|ist|war) (?:the day (?:after|before) )?(?:tomorrow|yesterday|morgen|übermorgen|gestern|vorgestern)"
)
# `the right ISBN for that novel`; but `the right check digit for this ISBN`
_OF_A_THING = (
    r"(?:correct|right|valid|richtige?|gültige?|korrekte?)(?: (?:one|code|barcode|number|iban|isbn|ean))? (?:for|für)"
    r"(?! (?:the |this |my |die |diese |der |den )?(?:ean|isbn|iban|gtin|upc|imei|card|code|barcode|number|nummer|karte"
    r"|kreditkarte|\d|[a-z]{2}\d))"
    r"|(?:wie lautet|what(?:'s| is)) (?:the |die )?(?:right|correct|richtige|korrekte)(?: one)?(?=\W*$)"
)
_A_WEEKDAY = (
    r"weekday|wochentag|day of the week|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams"
    r"|sonn)tag|mittwoch"
)
_BEYOND = {
    "cron_next": rf"{_ORDINAL} (?:next )?(?:run|execution|time|fire|firing|lauf|ausführung|termin|mal)"
    r"|zweitnächste\w*|übernächste\w*|after next|(?:on|at) or (?:after|before)|inclu(?:sive|ding|ded)|einschließlich"
    r"|inklusive|ab inklusive|skip\w*|how (?:often|many|long)|wie (?:oft|viele|lange)"
    rf"|(?<!\S)(?=[^a-z]{{0,50}}\*){_CRON_FIELD}(?: {_CRON_FIELD}){{5}}(?!\S)",
    "iban_check": rf"{_OWNER}|{_OF_A_THING}|(?:which|what|welche) (?:digits?|ziffern?|stellen?|character|position)"
    r"|(?:^|please |bitte )(?:correct|fix|repair|korrigiere?|berichtige?) (?:the|this|my|die|diese|meine)"
    r"|(?<!valid )(?<!correct )(?<!right )(?<!real )(?<!gültige )(?<!richtige )(?:account number|kontonummer"
    r"|bankleitzahl|blz|sort code|bank code)\W*$",
    "luhn_check": rf"{_OWNER}|{_OF_A_THING}|an? test (?:card|number)|eine testkarten?\w*|(?:phone|handy|device"
    r"|gerät) (?:genuine|real|original|fake|echt|legit)|(?:visa|mastercard|amex|maestro|american express) (?:or|oder)"
    r"|(?:need|needs|require|requires|braucht|bräuchte|get|gets|bekommt|append) [^.?!]{0,25}(?:digit|prüfziffer|ziffer)"
    r"|(?:check )?(?:digit|prüfziffer|prüfsumme) (?:for|of|to|für|von|zu|zur|der)(?![^?]*(?:\b(?:right|correct|wrong"
    r"|valid|ok|richtig|falsch|korrekt)\b))",
    "uuid_facts": r"vendors?|manufacturer|hersteller|belongs?|gehört|unique|eindeutig|collision|kollision|in use"
    r"|which (?:user|record|machine|computer|server)|welche\w* (?:nutzer|datensatz|rechner|server)",
    "color_convert": r"nearest|closest|nächst\w+|ähnlich\w*|similar|approximate\w*|ungefähr\w*",
    "isbn_check": rf"{_OWNER}|{_OF_A_THING}",
    "ean_check": rf"{_OWNER}|{_OF_A_THING}",
    "semver_compare": r"how much|wie ?viel|(?:is|are|ist|sind) \S+ (?:the|die) (?:latest|newest|current|neueste"
    r"|aktuellste)|(?:came|come|comes) out|releas(?:ed|e date)s?|published|erschien\w*|veröffentlicht\w*|affected"
    r"|affects?|vulnerable|betroffen|[<>].*[<>]",
    "calendar_facts": _NEAR_TODAY,
    "date_diff": rf"{_NEAR_TODAY}|(?:milli)?seconds?|minutes?|hours?|sekunden?|minuten?|stunden?"
    rf"|pays?|paid|zahlen|bezahlen|krank|{_STAY}\b.*\b(?:how many days|wie ?viele tage)"
    r"|(?:since|seit)\b(?!.*\b(?:today|heute)\b)[^?]*[.!;] [^?]*\b(?:until|till|bis)",
    "time_facts": rf"{_LATER}|{_A_WEEKDAY}|(?:unix|epoch)\b.*\d-\d\dT.*|.*\d-\d\dT.*\b(?:unix|epoch)",
    "timezone_convert": rf"\* \*|{_LATER}|{_A_WEEKDAY}|how many|wie ?viele|difference"
    r"|(?:zeit)?(?:unterschied|verschiebung)",
    "holidays_list": r"how many|wie ?viele|number of|anzahl|zähle?|count|holidays to|cheap\w*|günstig\w*|package"
    r"|flights?|an denen|bei denen|on which(?! days)|where|that",
    "business_days": rf"{_OF_ANOTHER_DAY}|{_NEAR_TODAY}|but|aber|ago|effort|aufwand|workload"
    r"|last (?:working|work|business) day|letzter (?:arbeits|werk)tag|nyse|nasdaq|stock exchange|börsen?\w*|trading",
    "iso_week": rf"{_NEAR_TODAY}|(?:week|woche|kw) (?:after|before|since|nach|vor|seit) (?:[^\W\d_]{{4,}}|my|the first)"
    r"|pregnan\w*|schwanger\w*|trimester|ssw",
    "date_add": rf"{_OF_ANOTHER_DAY}|{_NEAR_TODAY}"
    rf"|{_STAY}\b.*\b(?:lasts?|lasting|dauert|long|lang|for|für)\b.*\b(?:ends?|over|finish\w*|last day|endet"
    r"|zu ende|vorbei|letzte\w* (?:\w+)?tag|bis wann|until when)"
    r"|(?:months?|years?|monate?n?|jahre?n?)\b.*\b(?:last day|letzte[rn]? tag)"
    r"|(?:date|datum)(?: is| ist|'s)?(?: it| es| the date| das datum)? (?:today|now|heute|jetzt)|today's date"
    r"|what(?:'s| is) today|(?:welche[nrs] (?:datum|tag)|wievielten) haben wir(?: heute)?(?=\W*$)"
    r"|(?:today|heute) (?:is|ist)\?+"
    r"|(?:brought|bring|pulled|moved?) (?:forward|up)|vorgezogen|vorziehen|vorverleg\w*",
}
# the date is the end of the period, or the time may be on either side of it
_COUNTS_BACK = re.compile(
    r"\b(?:must|have to|has to|need to|should|latest|spätestens|muss|müssen|soll|sollte)\b.{0,40}"
    r"\b(?:start|begin|order|send|ship|dispatch|post|leave|cancel|arrive|be (?:there|here|ready|done|delivered)"
    r"|anfangen|beginnen|starten|bestellen|(?:ab|ver|los)(?:ge|zu)?(?:schicken|senden)|aufgeben|losfahren|ankommen"
    r"|da ?sein|fertig sein|kündigen)\b"
    r"|\b(?:start|begin|order|send|cancel|kündigen)\b.{0,20}\b(?:at the latest|spätestens)\b"
    r"|\bnotice\b.*\b(?:ends?|expires?|runs out|cancel)\b|\b(?:ends?|expires?|runs out|cancel)\b.*\bnotice\b"
    r"|kündigungsfrist.*\b(?:zum|kündigen)\b|\b(?:zum|endet|ende)\b.*kündigungsfrist"
    r"|\b(?:when|what date|which date|wann|welches datum)\b[^.?!\d]*\b(?:start(?:ed|s)?|beg[aiu]n|begins?|issued|born"
    r"|order(?:ed)?|opened|sent|placed|signed|bought|written|ausgestellt|gestartet|angefangen|begann|beginnt|geboren"
    r"|bestellt|gekauft|geschickt|unterschrieben|los)\b[^.?!\d]*(?:[.?!]|$)"
    r"|\b(?:after|nach) (?:which|what|welchem)\b",
    _ANY_CASE,
)
# the date is the last one, and nothing says that the period comes after it
_ENDS_AT = re.compile(
    r"\b(?:ends?|ended|ending|due|endet|endete|expire[sd]?|finished|done|ready|by|until|fertig|bis|fällig)"
    rf"(?: (?:is|was|on|am|ist|war|zum|the|by|bis))* (?:{ANY_DAY})(?!\w)",
    _ANY_CASE,
)
_COMES_AFTER = re.compile(
    r"\b(?:after|later|plus|add(?:ed)?|nach|später|extend\w*|postpone[sd]?|delay\w*|moved?|verläng\w*|verschieb\w*"
    r"|verschoben|verzöger\w*|danach|dazu|hinzu|drauf)\b",
    _ANY_CASE,
)
_FIRST_GREGORIAN_DAY = "1582-10-15"
_FIRST_DIGITS = {"visa": "4", "mastercard": "25", "amex": "3", "american express": "3"}
_OF_TOOL = {tool: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", _ANY_CASE) for tool, pattern in _BEYOND.items()}


def wants_more(question: str, call: ToolCall) -> bool:
    """True if the question asks for something that the call does not tell."""
    written, pattern = " ".join(question.split()), _OF_TOOL.get(call.tool)
    if (pattern is not None and pattern.search(written)) or _is_julian(call) or _is_of_another_brand(written, call):
        return True
    return _goes_forward(call) and (
        _COUNTS_BACK.search(written) is not None
        or (_ENDS_AT.search(written) is not None and _COMES_AFTER.search(written) is None)
    )


def _is_julian(call: ToolCall) -> bool:
    """True for the weekday of a date before the Gregorian calendar, which the tool extends to all years."""
    day = call.arguments.get("date_str")
    return isinstance(day, str) and call.tool in ("day_of_week", "calendar_facts") and day < _FIRST_GREGORIAN_DAY


def _is_of_another_brand(written: str, call: ToolCall) -> bool:
    """`is 4111 1111 1111 1111 a valid Mastercard`"""
    number = call.arguments.get("number")
    if call.tool != "luhn_check" or not isinstance(number, str):
        return False
    return any(name in written.lower() and number[0] not in first for name, first in _FIRST_DIGITS.items())


def _goes_forward(call: ToolCall) -> bool:
    steps = [call.arguments.get(name) for name in ("days", "months", "years")]
    return call.tool in ("date_add", "business_days") and any(isinstance(step, int) and step > 0 for step in steps)
