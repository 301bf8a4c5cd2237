"""Patterns in a question, such as an address, a formula or a unit, mapped to words of the tools' index."""

import re
from collections.abc import Iterator

_DATE = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\.? [A-Z][a-zä]+ \d{4}|[A-Z][a-z]+ \d{1,2},? \d{4})"
_UNIT = (
    r"(?:km|m|cm|mm|mi|miles?|meilen?|feet|foot|ft|fuß|inch(?:es)?|yards?|kg|g|mg|lbs?|pounds?|ounces?|l|ml|liters?|litres?"
    r"|°\s?[CF]|celsius|fahrenheit|kelvin|grad|km/h|mph|m/s|hours?|stunden?|minutes?|minuten?|h|min|seconds?|sekunden?|days|weeks|tage|wochen|kWh|MB|GB|kilomet(?:er[ns]?|res?)|metres?"
    r"|meter[ns]?|zentimeter[ns]?|gram(?:s|m)?|kilo(?:gramm?s?)?)"
)
_DIGIT = "\0"  # marks a text with a digit
_ANY_DIGIT = re.compile(r"\d")
# A pattern matches only texts that contain one of its cues, in any case: looking for those is much cheaper.
_FEATURES: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), words, cues)
    for pattern, words, cues in (
        (r"\b\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}\b|::[0-9a-f:]{0,36}/\d{1,3}", "cidr subnet network", ("/",)),
        (
            r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?!/)|\b[0-9a-f]{1,4}:[0-9a-f:]{0,36}:[0-9a-f]{0,4}\b|::",
            "ip address ipv4 ipv6",
            (_DIGIT, ":"),
        ),
        (_DATE, "date datum", (_DIGIT,)),
        (rf"{_DATE}.{{1,60}}{_DATE}", "date between difference days", (_DIGIT,)),
        (
            r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:mon|diens|donners|frei|sams|sonn)tag\b",
            "weekday",
            ("day", "tag"),
        ),
        (r"\b\d{1,2}:\d{2}\b|T\d{2}:\d{2}", "time clock", (_DIGIT,)),
        (r"\b1[5-9]\d{8}\b", "unix timestamp", (_DIGIT,)),
        (r"\b[A-Z][a-z]+/[A-Z][a-z]+(?:_[A-Z][a-z]+)?\b", "timezone zone", ("/",)),
        (r"https?://|www\.", "url web page site", ("http", "www.")),
        (r"(?<![\w@/])[\w-]{1,40}\.(?:com|org|net|io|de|eu)\b(?!/)", "domain site web", (".",)),
        (r"youtube\.com|youtu\.be", "youtube video transcript", ("youtu",)),
        (
            r"github\.com|\b[\w.-]{1,40}/[\w.-]{1,40}#\d+|[Ii]ssue #?\d+",
            "github issue repository",
            ("#", "github", "issue"),
        ),
        (r"\b10\.\d{4,9}/\S+", "doi crossref", (_DIGIT,)),
        (r"arxiv\.org|\.pdf\b", "pdf text", ("arxiv.org", ".pdf")),
        (r"\.(?:xlsx?|docx?|csv|pptx?)\b", "attachment spreadsheet document", (".xls", ".doc", ".csv", ".ppt")),
        (r"\b\w+\.(?:py|js|ts|java|go|rs|md|toml|ya?ml)\b", "file lines code", (".",)),
        (r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b", "orcid", (_DIGIT,)),
        (r"\b97[89][- ]?\d|\b\d[- ]\d{2,7}[- ]\d{1,7}[- ][\dX]\b", "isbn", (_DIGIT,)),
        (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,}", "iban", (_DIGIT,)),
        (r"(?<!\d)\d{8}(?:\d{4,5})?(?!\d)", "ean barcode", (_DIGIT,)),
        (r"(?<!\d)\d(?:[ -]?\d){14,18}(?!\d)", "luhn card", (_DIGIT,)),
        (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-", "uuid", ("-",)),
        (
            r"(?<![\d.])(?!\d{1,2}\.\d{1,2}\.\d{4})v?\d{1,5}(?:\.\d{1,5}){2}(?:-[\w.]{1,30})?\b(?!\.)",
            "version semver",
            (_DIGIT,),
        ),
        (r"#[0-9a-fA-F]{6}\b|\b(?:rgb|hsl)\(", "color hex rgb", ("#", "rgb(", "hsl(")),
        (r"[{\[]\s*\"", "json", ("{", "[")),
        (r"\d+ (?:über|choose|out of|aus|from) \d+", "combinations choose binomial", (_DIGIT,)),
        (r"\{[^{}:]{0,80}:", "json", ("{",)),
        (r"<[a-z]+>", "xml", ("<",)),
        (r"\$(?:\.\.?|\[)", "jsonpath", ("$",)),
        (r"`[^`]{0,80}[\\\[(][^`]{0,80}`|\\[dws][+*]?|\[[A-Za-z]-[A-Za-z]\]", "regex pattern", ("`", "\\", "[")),
        (
            r"\b(?:[A-Z][a-z]?\d{0,2}){1,6}\d(?:[A-Z(]\w{0,12}\)?\d?)?\b|\bNaCl\b",
            "formula molar chemistry",
            (_DIGIT, "nacl"),
        ),
        (
            rf"(?i)\d\s?{_UNIT}(?!\w)|\d\s?(?:kilo|mega|giga|tera|kibi|mebi|gibi|milli|nano)[a-z]{{3,8}}",
            "unit convert",
            (_DIGIT,),
        ),
        (r"\d\s?%|(?i:\bper ?cent\b|\bprozent\b)", "percent calculate", (_DIGIT, "cent", "prozent")),
        (r"\d\s*[-+*/^×÷]\s*\d|\d\s*[-+*/^]\s*\(|\bsqrt\b|√", "calculate", (_DIGIT, "sqrt", "√")),  # noqa: RUF001 - the sign people paste
        (r"\d?[a-z](?:\^\d|²)?\s*[-+*/]?[^=\n]{0,40}=\s*-?\d", "equation solve", ("=",)),
        (r"=[^=\n]{1,40}(?:,| and | und )[^=\n]{1,40}=", "equations system", ("=",)),
        (r"\b[a-z]\^\d|[a-z]²|\b(?:sin|cos|tan|ln|exp)\(|\be\^", "expression function", ("^", "²", "(")),
        (r"\[\s*\[", "matrix", ("[",)),
        (r"(?i)\bleite\b.{1,200}\bab\b|\bd/d[a-z]\b", "derivative ableitung", ("leite", "d/d")),
        (r"(?i)\b(?:dual|binär|oktal|hexadezimal)", "binary hex base", ("dual", "bin", "oktal", "hexadezimal")),
        (
            r"(?i)elementarladung|wirkungsquantum|(?:electron|proton|neutron)(?:en)?(?: ?mass|s\b)|speed of light",
            "constant",
            ("elementarladung", "wirkungsquantum", "electron", "proton", "neutron", "speed of light"),
        ),
        (r"\d(?:[.,]\d{1,9})?[,;]\s*-?\d{1,12}(?:[.,]\d{1,9})?[,;]\s*-?\d", "numbers statistics mean", (_DIGIT,)),
        (r"\(\d[\d.]{0,9}, ?-?\d[\d.]{0,9}\)\s*,\s*\(", "points regression", (_DIGIT,)),
        (r"\]\s*(?:and|und|,)\s*\[", "pairs correlation", ("]",)),
        (
            r"§|\b(?:Art|Artikel|Abs)\.? \d+|\bBGB\b|\bStGB\b|\bGG\b|\bHGB\b|\bZPO\b",
            "law paragraph section gesetz",
            (_DIGIT, "§", "bgb", "gg", "hgb", "zpo", "stgb"),
        ),
        (
            r"(?<![\d*/,-])(?:[\d*/,-]{1,12} ){4}[\d*/,-]{1,12}(?!\d)",
            "cron crontab schedule",
            (_DIGIT, "*", "/", ",", "-"),
        ),
        (r"(?:[pnbrqkPNBRQK1-8]+/){7}", "chess fen position", ("/",)),
        (r"\b(?=[MDCLXVI]{4,}\b)M*(?:CM|CD|D?C*)(?:XC|XL|L?X*)(?:IX|IV|V?I*)\b", "roman numeral", ()),
        (r"\b0[xX][0-9a-fA-F]+|\b0b[01]+|\b0o[0-7]+", "hex binary base number", (_DIGIT,)),
        (r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{8,200}={1,2}(?!\w)", "base64 decode", ("=",)),
        (r"\b[A-Z]{2,5}-\d{1,5}\b", "task ticket", ("-",)),
        (r"\b(?:EUR|USD|GBP|CHF|JPY)\b|[€$£]", "currency money", ("eur", "usd", "gbp", "chf", "jpy", "€", "$", "£")),
        (r"\b[A-Z0-9]-[A-Z0-9],\s*[A-Z0-9]-[A-Z0-9]", "graph edges", ("-",)),
        (r"(?<!\d )\b\d(?: \d){1,30}\s?[/,]\s?\d(?: \d){1,30}\s?[/,]", "grid cells", (_DIGIT,)),
        (r"\bprint\(|\bdef \w+\(|\bimport \w+", "python code run", ("print(", "def ", "import ")),
        (r"(?i)\bselect\s+\?", "sparql query", ("select",)),
        (r"\bQ\d{1,9}\b|\bwdt?:", "wikidata", (_DIGIT, "wd")),
        (r"\b(?:1[89]|20)\d{2}\b.{0,20}(?i:leap|schaltjahr)|(?i:leap|schaltjahr)", "leap year", ("leap", "schaltjahr")),
    )
)


def features_of(text: str) -> Iterator[str]:
    """Yield the index words of each pattern that matches."""
    cued = f"{text.casefold()}{_DIGIT if _ANY_DIGIT.search(text) else ''}"
    for pattern, words, cues in _FEATURES:
        if (not cues or any(cue in cued for cue in cues)) and pattern.search(text):
            yield words
