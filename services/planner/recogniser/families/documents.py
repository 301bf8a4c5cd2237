"""Questions about quoted JSON, YAML or XML: a value inside, and its validity."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import Build, Family, Found, quoted, rules
from services.planner.recogniser.names import is_file

_ARRAY = r"\[[^\]]{1,200}\]"
_JSON = rf"(?:(?:the |dem |das |den |der )?json(?:-text)? )?(?:{quoted('json')}|(?P<array>{_ARRAY}))"
_PATH = rf"(?:{quoted('path')}|(?P<bare>[$@a-z_][^\s]{{0,100}}))"
_DOTTED = r"(?P<bare>[a-z_]\w{0,40}(?:\.\w{1,40}|\[\d{1,6}\]){0,10})"
_FORMAT = r"(?P<format>json|yaml|xml|csv)"
_PAYLOAD = quoted("payload")
_JSONPATH_EN, _JSONPATH_DE = (
    rf"(?:the )?jsonpath (?:expression |query )?{_PATH}",
    rf"(?:den |der )?jsonpath(?:-ausdruck)? {_PATH}",
)
_JMESPATH_EN = rf"(?:the )?jmespath (?:expression |query )?{_PATH}"
_JMESPATH_DE = rf"(?:den |der )?jmespath(?:-ausdruck)? {_PATH}"

_FIRST_KEY = re.compile(r"[^\W\d]\w*")
_NOT_OF_FORMAT = {"json": "`{'", "yaml": "`{", "xml": "`", "csv": "`'"}


_COUNT = re.compile(r"\.(length|size|count)$")


def asks_for_a_count(path: str, document: str) -> bool:
    """True for `users.length` of a document without that key."""
    found = _COUNT.search(path)
    return found is not None and f'"{found[1]}"' not in document


def _queried(tool: str, argument: str) -> Build:
    def build(found: Found) -> ToolCall | None:
        text = found.written("json" if found["json"] else "array")
        path = found.written("path" if found["path"] else "bare")
        is_other = tool == "jsonpath_query" and not path.startswith("$")
        is_document = text.lstrip().startswith(("{", "["))  # `read title from "Dune"` names a book
        first = _FIRST_KEY.match(path)  # `what is at stake in {"a": 1}`
        is_other = is_other or bool(tool == "json_query" and first and f'"{first.group()}"' not in text)
        is_other = is_other or (tool == "json_query" and asks_for_a_count(path, text))
        return None if is_other or not is_document else ToolCall(tool, {"json_str": text, argument: path})

    return build


def _validated(found: Found) -> ToolCall | None:
    """The opening sign must not belong to the format: `"hello"` may be a JSON text, or hello in quotes."""
    payload = found.literal("payload")
    outside = _NOT_OF_FORMAT[found["format"]]
    is_xml = found["format"] == "xml" and found.written("payload").lstrip().startswith("<")
    if payload is None or is_file(payload.text) or (payload.opening not in outside and not is_xml):
        return None
    return ToolCall("structured_validate", {"format_name": found["format"], "payload": found.written("payload")})


_DOTS, _PATHS, _MES = (
    _queried("json_query", "path"), _queried("jsonpath_query", "path"), _queried("jmespath_query", "expression"),
)  # fmt: skip
_RULES = (
    *rules(
        "en",
        _DOTS,
        rf"what is (?:the value )?(?:at|of|under) (?:the )?(?:path )?{_DOTTED} in {_JSON}",
        rf"(?:get|read|extract) {_DOTTED} (?:from|in|of) {_JSON}",
    ),
    *rules("de", _DOTS, rf"(?:was|welcher wert) steht (?:unter|bei) (?:dem )?(?:pfad )?{_DOTTED} in {_JSON}"),
    *rules(
        "en",
        _PATHS,
        rf"(?:evaluate|apply|run) {_JSONPATH_EN} (?:on|to|against) {_JSON}",
        rf"what does {_JSONPATH_EN} (?:return|select|give) (?:for|on|in) {_JSON}",
    ),
    *rules(
        "de",
        _PATHS,
        rf"wende {_JSONPATH_DE} auf {_JSON} an",
        rf"was (?:liefert|ergibt) {_JSONPATH_DE} (?:für|auf|bei) {_JSON}",
    ),
    *rules(
        "en",
        _MES,
        rf"(?:evaluate|apply|run) {_JMESPATH_EN} (?:on|to|against) {_JSON}",
        rf"what does {_JMESPATH_EN} (?:return|select|give) (?:for|on|in) {_JSON}",
    ),
    *rules(
        "de",
        _MES,
        rf"wende {_JMESPATH_DE} auf {_JSON} an",
        rf"was (?:liefert|ergibt) {_JMESPATH_DE} (?:für|auf|bei) {_JSON}",
    ),
    *rules(
        "en",
        _validated,
        rf"is (?:this )?{_PAYLOAD} (?:valid|well-formed) {_FORMAT}",
        rf"is (?:this|the following|that) (?:valid|well-formed) {_FORMAT}[:?]? {_PAYLOAD}",
        rf"is (?:this|the following) {_FORMAT} (?:valid|well-formed)[:?]? {_PAYLOAD}",
        rf"(?:validate|check) this {_FORMAT}: {_PAYLOAD}",
        rf"check (?:whether|if) {_PAYLOAD} is (?:valid|well-formed) {_FORMAT}",
    ),
    *rules(
        "de",
        _validated,
        rf"ist {_PAYLOAD} (?:gültiges|wohlgeformtes|valides) {_FORMAT}",
        rf"ist (?:das|dies|folgendes) (?:gültiges|wohlgeformtes|valides) {_FORMAT}[:?]? {_PAYLOAD}",
        rf"ist (?:dieses|das folgende) {_FORMAT} (?:gültig|wohlgeformt|valide)[:?]? {_PAYLOAD}",
        rf"prüfe, ob {_PAYLOAD} (?:gültiges|wohlgeformtes|valides) {_FORMAT} ist",
    ),
)
DOCUMENTS = Family(("json", "jmes", "xml", "yaml", "csv", "\ue000"), _RULES)
