"""Values inside JSON, and the validity of JSON, YAML, XML and CSV."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.documents import asks_for_a_count
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.requests.reader import Build, Reading, Request

_ARRAY = r"(?<![\w\].])\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"
_JSON = rf"{MARK}|{_ARRAY}"
_OWN = words(
    "json document documents object data following this extract read get evaluate run apply query queries return"
    " returns select selects give gives daraus lies lese wert value ausdruck expression auf aus on to from against"
    " gegeben given liefert ergibt wende anwenden an hole hol field key under feld schlüssel pfad path dieses diesem"
    " dem payload response api config file antwort auswerten result im stored output ausgabe darauf davon teste testen"
    " test tests abfragen abfrage ausdrucks weather wetter returned answered answers produces yields matches find finds"
    " selected evaluated evaluates applied resolve resolves element elements elemente knoten node nodes entry eintrag"
    " unserem unseren our server backend service endpoint webhook request log cli tool call curl rest http body"
    " kommt kommen bekomme geliefert zurück zurückgegeben only nur just einfach konfiguration list array objekt"
    " struktur structure nested verschachtelt here's auslesen extrahiere extrahieren ergebnisse raus nach by use nutze"
    " using verwende would selektiert trifft back wählt auswählt findet beispieldokument"
)


def _document(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and len(text) > 4


def _queried(tool: str, argument: str, start: str) -> Build:
    def build(reading: Reading) -> ToolCall | None:
        """One document, and one path, bare or quoted."""
        texts = reading.all("json")
        documents = [text for text in texts if _document(text)]
        paths = [*reading.all("path"), *(text for text in texts if not _document(text))]
        is_named = tool == "jmespath_query" or _READS & set(reading.words)
        if tool != "jsonpath_query" and not paths and len(documents) == 1 and is_named:
            paths = [word for word in reading.words if f'"{word}":' in documents[0]]
        if len(documents) != 1 or len(paths) != 1 or not re.match(start, paths[0]):
            return None
        is_changed = [kind for kind, _ in reading.pieces[:2]] == ["u", "v"] or _CHANGES & set(reading.words)
        if is_changed and tool == "json_query":
            return None
        first = re.match(r"[A-Za-z_]\w*", paths[0])
        if first and tool == "json_query" and f'"{first.group()}"' not in documents[0]:
            return None
        path = paths[0].rstrip(",:;?")
        if tool == "json_query" and not _OF_A_LIST.isdisjoint(reading.words):
            return None
        if tool == "json_query" and asks_for_a_count(path, documents[0]):
            return None
        return ToolCall(tool, {"json_str": documents[0], argument: path})

    return build


_CHANGES = words("should sollte soll set setze add rename delete remove ändere change update lösche")
# what is wanted of the value, which may be a list
_OF_A_LIST = words(
    "first second third last sum total average count number length max maximum min minimum longest sorted erste erstes"
    " ersten zweite zweites letzte letztes letzten summe anzahl länge maximum durchschnitt sortiert"
)
_READS = words("get read value of lies lese hole hol wert extract from aus what's what")
_FORMATS = ("json", "yaml", "xml", "csv")


_DIALECTS = {"semicolon": "semicolon", "tab": "tab"}


def _validated(reading: Reading) -> ToolCall | None:
    """One payload, or one and its schema; the format is named, or shows in the payload."""
    formats = [key for key in dict.fromkeys(reading.keys) if key in _FORMATS]
    texts = [*reading.all("text"), *reading.all("markup")]
    formats = formats or (["xml"] if reading.all("markup") else ["json"] if reading.has("schema") else [])
    if len(formats) != 1 or not reading.has("valid"):
        return None
    if reading.has("schema"):
        return _validated_by_schema(reading, formats[0])
    if len(texts) != 1:
        return None
    payload, name = texts[0], formats[0]
    is_like = payload.lstrip()[:1] in {"json": ("{", "["), "xml": ("<",)}.get(name, (payload.lstrip()[:1],))
    is_like = is_like and (name in ("json", "xml") or "\n" in payload)
    dialects = [_DIALECTS[key] for key in dict.fromkeys(reading.keys) if key in _DIALECTS]
    if name == "csv" and not dialects and "," not in payload:
        return None
    if not is_like or len(dialects) > (name == "csv"):
        return None
    dialect = {"csv_dialect": dialects[0]} if dialects else {}
    return ToolCall("structured_validate", {"format_name": name, "payload": payload, **dialect})


def _validated_by_schema(reading: Reading, name: str) -> ToolCall | None:
    """The schema is the text right after its name; it is a JSON object, as is what it describes."""
    kinds = [kind for kind, text in reading.pieces if kind == "v" or text.endswith("schema")]
    texts = reading.all("text")
    if name != "json" or len(texts) != 2 or sorted(kinds) != ["k", "v", "v"]:
        return None
    schemas = [text for text in texts if _SCHEMA.search(text)]
    if len(schemas) == 1:
        wanted = schemas[0]
    elif kinds[-1] == "k":
        return None
    else:
        wanted = texts[1 if kinds.index("k") == 1 else 0]
    payload = texts[0] if wanted == texts[1] else texts[1]
    if not _document(wanted) or not _SCHEMA.search(wanted):
        return None
    return ToolCall("structured_validate", {"format_name": name, "payload": payload, "schema_json": wanted})


_SCHEMA = re.compile(
    r'"(?:type|properties|required|items|enum|const|minimum|maximum|\$ref|\$schema|pattern|anyOf|oneOf|allOf)"'
)
_JMES_STEP = r"(?:\[[^\]]*\]|\.\w+|\.\*|\.\{[^}]*\}|\.\ue000|\.\[[^\]]*\])"
_JMES_CALL = r"[a-z_]+\((?:[^()\s]|\([^()]*\)|, ?)*\)"
_JMES = (
    rf"(?<![\w.$])(?:{_JMES_CALL}{_JMES_STEP}*|[A-Za-z_@]\w*{_JMES_STEP}+|\[(?:\*|-?\d*(?::-?\d*)?|\?[^\]]*)\]{_JMES_STEP}+)"
    rf"(?: \| (?:{_JMES_CALL}|[\w@]+|\[[^\]]*\]){_JMES_STEP}*)*"
)
_STEP = r"(?:\[[^\]\s]*(?: [=<>!&|]+ [^\]]*)?\]|\.{1,2}[\w*]+|\[\?[^\]]*\])"
REQUESTS = (
    Request(
        ("jsonpath", "$"),
        {"path": rf"\${_STEP}*", "json": _JSON},
        {
            "name": r"json-?path(?:[- ]?(?:expression|ausdrucks?|query|abfrage|filter|pfad|slice|selector|selektor))?",
            "of": r"in|on|auf|from|aus|gegen|against|to|for",
        },
        _queried("jsonpath_query", "path", r"\$"),
        _OWN,
        3,
    ),
    Request(
        ("jmespath", "jmes"),
        {
            "path": _JMES,
            "json": _JSON,
        },
        {"name": r"jmes-?path(?:[- ]?(?:expression|ausdrucks?|query|abfrage|filter|pfad|search))?"},
        lambda reading: _queried("jmespath_query", "expression", r"[A-Za-z_@*\[]")(reading) if reading.keys else None,
        _OWN,
        3,
    ),
    Request(
        ("{", MARK),
        {
            "path": r"(?<![\w.$\]])(?:[A-Za-z_]\w{0,40}|\[\d{1,6}\](?=[.\[]))(?:\.\w{1,40}|\[\d{1,6}\]){1,10}"
            r"(?![\w.(]*[\w(])",
            "json": _JSON,
        },
        {"of": r"json"},
        _queried("json_query", "path", r"[A-Za-z_\[]"),
        _OWN,
        3,
    ),
    Request(
        (*_FORMATS, "schema", "wohlgeformt", "well-formed", "well formed"),
        {"markup": r"<[A-Za-z?][^\n]*>", "text": rf"{_JSON}|[{{\[][^\n]*[}}\]]"},
        {
            "schema": r"(?:(?:the |this |this following |das |dieses |dem |diesem )?(?:json[- ]?)?schema)",
            **{
                name: rf"{name}(?:[- ](?:document|dokument|file|datei|text|string|syntax|snippet|schnipsel))?"
                for name in _FORMATS
            },
            "semicolon": r"(?:with |mit |by |durch |per )?(?:semicolons?|semi[ck]olons?|strichpunkt(?:en)?)"
            r"(?:[- ]?(?:separated|delimited|getrennt\w*|als trenn(?:er|zeichen)|as (?:the )?(?:separator|delimiter)))?"
            r"|trennzeichen(?: ist)? (?=;)|delimiter(?: is)? (?=;)",
            "tab": r"(?:with |mit |by |durch |per )?(?:tabs?|tabulator\w*)"
            r"(?:[- ]?(?:separated|delimited|getrennt\w*|stopps?|als trenn(?:er|zeichen)))?",
            "valid": r"valid(?:ate[sd]?|ity|ation)?|lint|pars(?:e[sd]?|able|ing|bar)|errors?|well[- ]?formed(?:ness)?"
            r"|correct|syntax(?: check)?|gültig(?:e[rnms]?|keit)?|valide[srn]?|wohlgeformt(?:e[srn]?|heit)?"
            r"|korrekt(?:e[srn]?)?|prüfe?n?|überprüfe?n?|validieren?|fehler(?:frei|haft)?|broken|kaputt|okay|ok|check"
            r"|malformed|einlesen|stimmt|in ordnung|syntax(?:fehler|isch)|sauber|conforms?(?: to)?"
            r"|compl(?:y|ies)(?: with)?|satisf(?:y|ies)|match(?:es)?|fits?|erfüllt|entspricht|passt|pass(?:es)?|legal",
        },
        _validated,
        _OWN
        | words("auf dieses check count document text string snippet whether syntax manifest datei yml gegen zu zum"),
        4,
        yes_or_no=True,
    ),
)
