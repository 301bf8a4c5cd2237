"""Finds the requesting clause of a sentence with reasons: `we move house, so how many feet are 3 meters?`.

A clause is dropped only if it cannot change the request. It then holds no value, quote, negation or condition, does not
address the reader, and has no word about the form of the answer. A value before `how much is that in …` replaces
`that`.
"""

import re
from collections.abc import Iterator

from services.planner.recogniser.days import ANY_DAY
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.places import ANY_ZONE
from services.planner.recogniser.unit_names import unit_of

LONGEST = 400
_MOST = 4
_ANY_CASE = re.IGNORECASE
_BOUNDARY = re.compile(
    r"(?:(?:[,;:!?]|\.(?!\d)|…)+(?<!\d:)|(?<=\w) -{1,2})(?<!\bdr\.) +(?=\S)"
    r"|(?<=\w) (?=how (?:many|much) [^\W\d_]+(?: [^\W\d_]+)? (?:is|are) (?:that|this|it)\b"
    r"|wie ?viele? [^\W\d_]+ (?:ist|sind) (?:das|es)\b)"
    r"|(?<=\w) (?=(?:and|so) (?:i|wonder|now|please|can|could|would|what|how)\b|(?:und|also) (?:ich|jetzt|bitte"
    r"|was|wie)\b)",
    _ANY_CASE,
)
_LINK = re.compile(
    r"(?:(?:so|and|but|also|now|then|hence|therefore|und|aber|jetzt|nun|daher|deshalb|drum|naja|na|hmm?|well|ok(?:ay)?)"
    r",? )+",
    _ANY_CASE,
)
_CHANGES = re.compile(
    r"\b(?:not|no|never|without|instead|except|unless|otherwise|only|if|when(?!ever)|whether|suppos\w*|assum\w*"
    r"|imagin\w*"
    r"|pretend\w*|you(?!\s+know)|your|yours|u|ur|explain\w*|translat\w*|rhym\w*|poe\w*|haiku|writ(?:e|es|ten)"
    r"|make|create|stor(?:y|ies)|rephras\w*|reword\w*"
    r"|paraphras\w*|repeat\w*|quot\w*|proofread\w*|rewrit\w*|spell\w*|summar\w*|describ\w*|defin\w*|discuss\w*"
    r"|improv\w*"
    r"|edit|shorten\w*|compos\w*|draft\w*|continu\w*|complet\w*|respond\w*|reply\w*|answer\w*|act|acting|sing|say|says?"
    r" (?:this|that|the following)|guess\w*|ignore\w*|forget|jok\w*|lie[sd]?|wrong|fals\w*|title|headline"
    r"|sentence|phrase"
    r"|caption|slogan|prompt|question is|asked|ask me|french|spanish|italian|german|english|language|python|code"
    r"|program|script|function|excel|regex|formula|sql|compare|difference|why|how|what|who|which|where|example|rules?"
    r"|nicht|kein\w*|nie|niemals|ohne|statt|außer|nur|sonst|wenn|falls|sobald|ob|angenommen|stell|du|sie|ihr|dein\w*"
    r"|erklär\w*|übersetz\w*|reim\w*|gedicht\w*|geschichte\w*|formulier\w*|umformulier\w*|wiederhol\w*|zitier\w*"
    r"|schreib\w*"
    r"|zusammenfass\w*|beschreib\w*|definier\w*|antwort\w*|rate|errat\w*|ignorier\w*|vergiss|witz\w*|lüg\w*"
    r"|falsch\w*|titel"
    r"|satz|überschrift|sprache|programm|funktion|formel|unterschied|warum|wieso|wie|wer|welche[rsnm]?|wo|beispiel\w*"
    r"|regel\w*|pirat\w*)\b|n't\b|[\"`]|(?<!\w)'|'(?!\w)",
    _ANY_CASE,
)
_HARMLESS = re.compile(
    r"\bno (?:calculator|idea|clue|time|internet|rush|pen)\b|\bkein\w* (?:taschenrechner|ahnung|zeit|plan)\b"
    r"|can't do this|\b(?:forgot|forget|don't know|can't remember|never learned) how\b|weiß nicht(?:"
    r" mehr)?,? wie\b|\bonly (?:shows?|uses?|has|have|knows?|takes?|accepts?|understands?)\b"
    r"|\b(?:my|our|the|this|a|for (?:a|an|the|my|our)) (?:[^\W\d_]+ )?(?:script|program|code|function|formula)\b"
    r"|\b(?:writing|reading) (?:an?|my|the|some)\b",
    _ANY_CASE,
)
_STARTS = re.compile(
    r"(?:what|what's|whats|which|how|when|is|are|does|do|did|was|can|could|would|will|please|pls|tell|give|gimme"
    r"|show|find"
    r"|calculate|compute|convert|determine|work|solve|count|check|verify|validate|list|next|i|i'd|i'm|any|let"
    r"|help|two|half"
    r"|decode|encode|hash|factor\w*|simplify|integrate|differentiate|compare|evaluate|get|need|may|might|name"
    r"|state|sqrt"
    r"|the|add|subtract|multiply|divide|express|turn|change|write|average|median|mean|mode|sum|total|md5|sha\S*"
    r"|roman|binary"
    r"|wie|wieviel|wieviele|was|welche[rsnm]?|wann|ist|sind|hat|haben|liegt|passt|stimmt|kannst|könntest|können|könnten"
    r"|würdest|würden|bitte|sag|sage|gib|zeig\w*|nenn\w*|rechne|berechne|bestimme|ermittle|wandle|zerleg\w*|löse"
    r"|lös|zähl\w*"
    r"|prüf\w*|liste|brauche?|bräuchte|ich|weißt|wissen|mach|kodier\w*|dekodier\w*|vereinfach\w*|der|die|das|in)\b",
    _ANY_CASE,
)
_AFTERWARDS = re.compile(
    r"(?:[?.!;,]+ ?|(?<=\w) (?=(?:lol|haha|thx|ty|cheers|danke|merci|thanks)\b))(?P<why>(?:i|i'm|i've|we|we're"
    r"|my|our|it's for|its for|it is for|this is for|that's for|just for|need"
    r" (?:it|this|that)|needed (?:it )?for|found (?:it|this)|asking for|want (?:it|to know)|trying to|got (?:it"
    r"|this)|(?:just )?curious"
    r"|no rush|cheers|thanks|thx|ty|lol|haha|ich|wir|mein\w*|unser\w*|brauch\w* (?:ich|das|es)|ist für|es ist"
    r" für|das ist für"
    r"|hab (?:das|es)|danke|merci|lg|gruß|liebe grüße|viele grüße)\b[^?\d]{0,100})$",
    _ANY_CASE,
)
_VALUE = re.compile(r"[\d" + MARK + r"]|[MDCLXVI]{3}")
_THAT = re.compile(
    r"(?<![\w'])(?:that|this|(?:s?he)(?= in )|it|these|those|them|das|dies|es)(?: (?:amount|distance|weight|length"
    r"|temperature|time|speed"
    r"|number|date|day|value|one))?(?P<noun> (?:iban|isbn|ean|uuid|ip(?: address)?|address|colou?r|version"
    r"|barcode))?(?:'s)?(?![\w'])",
    _ANY_CASE,
)
_WHATS_THAT = re.compile(r"\bthat's\b", _ANY_CASE)
_WHEN_IS = re.compile(r"\bwhen (?:is|would|will) (?:that|this|it)(?: be)?\b", _ANY_CASE)
_THERE = re.compile(r" (?:da|dort|dann|there|then)(?= in | bei )", _ANY_CASE)
_LATER = re.compile(
    r"(?P<step>\w+ (?:days?|weeks?|months?|years?|tage?|wochen?|monate?|jahre?)) (?:later|afterwards?|from then"
    r"|after (?:that|it)"
    r"|später|danach)\b",
    _ANY_CASE,
)
_AMOUNT = re.compile(r"(?<![\w.,/#:+*^-])(\d+(?:[.,]\d+)*) ?([^\W\d_°][\w/²³°]*(?: [^\W\d_]+){0,2}|°[CFcf])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?(?!\w)")
_CRON = re.compile(r"(?<![\w*/])(?=[^a-z]{0,60}\*)[\d*/,-]{1,20}(?: [\d*/,-]{1,20}){4}(?![\w*/])")
_NEXT = re.compile(r"\b(?:next|nächste\w*) (?:run|execution|time|fire|lauf|ausführung)\b", _ANY_CASE)
_OPERATOR = re.compile(r"\b(?:plus|minus|times|mal|divided|before|after|vor|nach)\b|[+*/]", _ANY_CASE)
_ONLY_ASKS = re.compile(
    r"(?:what|which|how much|how many|welche[sr]?|was|wie ?viel)(?: [^\W\d_]+){0,3} (?:is|are|would|ist|sind"
    r"|wäre|macht)(?: (?:that|it|this|das|es))?",
    _ANY_CASE,
)
_IN_UNIT = re.compile(r"(?:in|to|into|nach) [^\d,]{1,30}", _ANY_CASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LIST = re.compile(r"-?\d+(?:[.,]\d+)?(?:(?:[;,] | (?:and|und) |; | )-?\d+(?:[.,]\d+)?){2,}")
_IS_GERMAN = re.compile(r"\b(?:was|wie|der|die|das|den|ist|bitte|berechne)\b", _ANY_CASE)
_TIME = r"\d{1,2}(?::\d{2})(?: ?[ap]m)?(?: uhr)?|\d{1,2} ?[ap]m|\d{1,2} uhr"
_MOMENT = re.compile(rf"(?<![\w:])(?:{_TIME})(?![\w:])", _ANY_CASE)
_ZONE = re.compile(rf"(?<!\w)(?:{ANY_ZONE})(?!\w)", _ANY_CASE)
_DATE = re.compile(rf"(?<!\w)(?:{ANY_DAY})(?!\w)", _ANY_CASE)
_TOKEN = re.compile(
    rf"{MARK}|(?<!\w)(?:[A-Z]{{2}}\d{{2}}(?: [A-Z0-9]{{4}}){{2,7}}(?: [A-Z0-9]{{1,3}})?|[\w.:/#+-]*\d(?:[\w.:/-]"
    rf"|,(?=\d))*\w|\d|[MDCLXVI]{{3,}})(?!\w)"
)


def asking_clauses(text: str) -> Iterator[str]:
    """Yield the possible requests of a text without quotes, up to the length `LONGEST`."""
    if len(text) > LONGEST:
        return
    text = _before_reasons(text)
    yield text
    for place, boundary in enumerate(_BOUNDARY.finditer(text)):
        if place == _MOST:
            return
        before, request = text[: boundary.start()], text[boundary.end() :]
        request = _LINK.sub("", request, count=1) if _LINK.match(request) else request
        starts = boundary.group().startswith(":") or _STARTS.match(request) or _IN_UNIT.match(request)
        if not starts or changes_a_request(before) or (_ZONE.search(before) and _CRON.search(request)):
            continue
        if not _VALUE.search(before):
            yield request
        elif (whole := _with_value(before, request)) is not None:
            yield whole


def changes_a_request(clause: str) -> bool:
    """True if a clause beside a request may change it: a negation, a condition, a word about the form of the answer."""
    return _CHANGES.search(_HARMLESS.sub("", clause)) is not None


def _before_reasons(text: str) -> str:
    reason = _AFTERWARDS.search(text)
    if reason is None or not reason.start() or changes_a_request(reason["why"]):
        return text
    return text[: reason.start()]


def _with_value(before: str, request: str) -> str | None:
    """The request with the one value that precedes it; None if there are several, or the request refers to none."""
    bare = request.strip("?.! ")
    own, others = set(_NUMBER.findall(request)), set(_NUMBER.findall(before))
    if _ONLY_ASKS.fullmatch(bare) and _OPERATOR.search(before):
        return before
    if (crons := _CRON.findall(before)) and (run := _NEXT.search(request)):
        return f"{request[: run.end()]} of cron {crons[0]}{request[run.end() :]}" if len(crons) == 1 else None
    if own and others <= own and not _THAT.search(request):
        return request
    if _VALUE.search(_DATE.sub("", request)) and not (_LATER.search(request) or _THAT.search(request)):
        return None
    if _LIST.search(before) and _LIST.search(request):
        return None  # two samples, in the order of the question
    value = _value_of(before)
    return None if value is None else _put(value, request, bare)


def _put(value: str, request: str, bare: str) -> str | None:
    """The request with the value in place of `that`, or where it is omitted."""
    if _IN_UNIT.fullmatch(bare):
        return f"{value} {bare}"
    if later := _LATER.search(request):
        after = "nach dem" if later.group().endswith(("später", "danach")) else "after"
        return f"{request[: later.start()]}{later['step']} {after} {value}{request[later.end() :]}"
    request = _THERE.sub("", _WHEN_IS.sub("what time is that", _WHATS_THAT.sub("that is", request)))
    whole, count = _THAT.subn(lambda found: f"{(found['noun'] or '').strip()} {value}".strip(), request)
    if count == 0 and _LIST.fullmatch(value):
        return f"{request.rstrip('?. ')} {'von' if _IS_GERMAN.search(request) else 'of'} {value}"
    return whole if count == 1 else None


def _value_of(text: str) -> str | None:
    if moments := _MOMENT.findall(text):
        dates, zones = _DATE.findall(text), _ZONE.findall(text)
        is_whole = len(moments) == len(dates) == len(zones) == 1
        return f"{dates[0]} {moments[0]} in {zones[0]}" if is_whole else None
    if dates := _DATE.findall(text):
        if len(dates) == 2 and not _VALUE.search(_DATE.sub("", text)):
            return f"between {dates[0]} and {dates[1]}"
        return dates[0] if len(dates) == 1 and not _VALUE.search(_DATE.sub("", text)) else None
    if ibans := _IBAN.findall(text):
        return ibans[0] if len(ibans) == 1 else None
    if lists := _LIST.findall(text):
        return lists[0] if len(lists) == 1 and not _VALUE.search(_LIST.sub("", text)) else None
    values = _TOKEN.findall(text)
    if len(values) != 1:
        return None
    amount = _AMOUNT.search(text)
    return (None if amount is None else _quantity(amount)) or values[0]


def _quantity(amount: re.Match[str]) -> str | None:
    """The longest run of words after a number that is a unit."""
    words = amount[2].split()
    for size in range(len(words), 0, -1):
        name = " ".join(words[:size])
        if unit_of(name.lower()) is not None or unit_of(name) is not None:
            return f"{amount[1]} {name}"
    return None
