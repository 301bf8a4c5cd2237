"""Values inside JSON, and the validity of JSON, YAML, XML and CSV."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.requests.reader import Build, Reading, Request

_ARRAY = r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"
_JSON = rf"{MARK}|{_ARRAY}"
_OWN = words(
    "json document documents object data following this extract read get evaluate run apply query queries return"
    " returns"
    " select selects give gives daraus lies lese wert value ausdruck expression auf aus on to from against"
    " gegeben given"
    " liefert ergibt wende anwenden an hole hol field key under feld schlüssel pfad path dieses diesem dem payload"
    " response api config file antwort auswerten result im stored"
)


def _document(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and len(text) > 4


def _queried(tool: str, argument: str, start: str) -> Build:
    def build(reading: Reading) -> ToolCall | None:
        """One document, and one path, bare or quoted."""
        texts = reading.all("json")
        documents = [text for text in texts if _document(text)]
        paths = [*reading.all("path"), *(text for text in texts if not _document(text))]
        if tool == "json_query" and not paths and len(documents) == 1 and _READS & set(reading.words):
            paths = [word for word in reading.words if f'"{word}":' in documents[0]]
        if len(documents) != 1 or len(paths) != 1 or not re.match(start, paths[0]):
            return None
        first = re.match(r"[A-Za-z_]\w*", paths[0])
        if first and tool == "json_query" and f'"{first.group()}"' not in documents[0]:
            return None
        path = paths[0].rstrip(",:;?")
        return ToolCall(tool, {"json_str": documents[0], argument: path})

    return build


_READS = words("get read value of lies lese hole hol wert extract from aus what's what")
_FORMATS = ("json", "yaml", "xml", "csv")


def _validated(reading: Reading) -> ToolCall | None:
    formats = [key for key in dict.fromkeys(reading.keys) if key in _FORMATS]
    texts = [*reading.all("text"), *reading.all("markup")]
    if len(formats) != 1 or len(texts) != 1 or not reading.has("valid"):
        return None
    payload, name = texts[0], formats[0]
    is_like = payload.lstrip()[:1] in {"json": ("{", "["), "xml": ("<",)}.get(name, (payload.lstrip()[:1],))
    is_like = is_like and (name in ("json", "xml") or "\n" in payload)
    return ToolCall("structured_validate", {"format_name": name, "payload": payload}) if is_like else None


_STEP = r"(?:\[[^\]\s]*(?: [=<>!&|]+ [^\]]*)?\]|\.{1,2}[\w*]+|\[\?[^\]]*\])"
REQUESTS = (
    Request(
        ("jsonpath", "$"),
        {"path": rf"\${_STEP}*", "json": _JSON},
        {
            "name": r"json-?path(?:[- ]?(?:expression|ausdruck|query))?",
            "of": r"in|on|auf|from|aus|gegen|against|to|for",
        },
        _queried("jsonpath_query", "path", r"\$"),
        _OWN,
        3,
    ),
    Request(
        ("jmespath", "jmes"),
        {
            "path": r"(?<![\w.])(?:[a-z_]+\([^)\s]*(?:, ?[^)]*)?\)|[A-Za-z_@]\w*(?:\[[^\]]*\]|\.\w+|\.\*|\.\{[^}]*\})+)"
            r"(?: \| [\w\[\]()@.*]+)*",
            "json": _JSON,
        },
        {"name": r"jmes-?path(?:[- ]?(?:expression|ausdruck|query))?"},
        lambda reading: _queried("jmespath_query", "expression", r"[A-Za-z_@*\[]")(reading) if reading.keys else None,
        _OWN,
        3,
    ),
    Request(
        ("{", MARK),
        {"path": r"(?<![\w.$])[A-Za-z_]\w{0,40}(?:\.\w{1,40}|\[\d{1,6}\]){1,10}(?![\w.(]*[\w(])", "json": _JSON},
        {"of": r"json"},
        _queried("json_query", "path", r"[A-Za-z_]"),
        _OWN,
        3,
    ),
    Request(
        _FORMATS,
        {"markup": r"<[A-Za-z?][^\n]*>", "text": rf"{_JSON}|[{{\[][^\n]*[}}\]]"},
        {
            **{name: name for name in _FORMATS},
            "valid": r"valid(?:ate|ity|ation)?|lint|pars(?:e[sd]?|able|ing|bar)|errors?|well[- ]?formed|correct"
            r"|syntax(?: check)?"
            r"|gültig(?:e[rnms]?|keit)?|valide[srn]?|wohlgeformt(?:e[srn]?)?|korrekt(?:e[srn]?)?|prüfe?"
            r"|überprüfe|validiere"
            r"|fehler(?:frei|haft)?|broken|kaputt|okay|ok|check|malformed|einlesen",
        },
        _validated,
        _OWN | words("auf dieses check count document text string snippet whether syntax"),
        4,
        yes_or_no=True,
    ),
)
