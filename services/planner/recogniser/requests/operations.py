"""One arithmetic operation named in words: a product, a quotient, a remainder, a difference, a root, a part."""

import re
from fractions import Fraction

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Reading, Request, may_be_two_numbers

_NUMBER = r"(?<![\w.,/:-])-?\d+(?:/\d+|(?:[.,]\d+)*)(?![\w%/]|[.,]\d| ?(?:%|percent|prozent))"
_SERIES = re.compile(r"\d (?:to|bis) \d")
_FROM = re.compile(r"(?<!\w)(?:from|von)(?!\w)", re.IGNORECASE)
_MOST_FACTORS = 6
_YEAR = re.compile(r"(?:19|20)\d\d")
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_SIGNS = {"product": "*", "quotient": "/", "remainder": "mod", "total": "+", "sum": "+", "difference": "-"}


def _operation(reading: Reading) -> ToolCall | None:
    """The only operation that is named, with exactly its operands."""
    found = [key for key in dict.fromkeys(reading.keys) if key in _FORMS]
    found = ["remainder"] if set(found) == {"remainder", "quotient"} else found
    numbers = [_plain(text, reading) for text in reading.all("n")]
    if len(numbers) > 1 and any("," in text for text in reading.all("n")):
        return None  # `1,2 and 3` may be three numbers
    if found == ["product"] and 2 < len(numbers) <= _MOST_FACTORS and "" not in numbers:
        return recognise_calculation(f"calculate {' * '.join(numbers)}")
    if len(found) != 1 or "" in numbers or len(numbers) != (2 if found[0] in _SIGNS or found[0] == "less" else 1):
        return None
    name, first, last = found[0], numbers[0], numbers[-1]
    if name == "total" and not any("/" in number for number in numbers):
        return None  # a list of numbers, or a series
    if name != "sum" and _SERIES.search(reading.text):
        return None
    if _is_something_else(reading, name, first, last):
        return None
    if name in _SIGNS:
        return recognise_calculation(f"calculate {first} {_SIGNS[name]} {last}")
    forms = {"less": f"{last} - {first}", "square": f"{first}^2"}
    return recognise_calculation(f"calculate {forms.get(name) or f'{first} / {_PARTS[name]}'}")


def _is_something_else(reading: Reading, name: str, first: str, last: str) -> bool:
    """True for the first quarter of 2025, `12 take away 5`, `divide 12 into 5`, and a difference below zero."""
    if name in _PARTS:
        return _YEAR.fullmatch(first) is not None
    if name == "less":
        start, end = reading.places["n"]
        return _FROM.search(reading.text[start:end]) is None
    if name == "difference":
        return Fraction(first.strip("()")) < Fraction(last.strip("()"))
    return name == "quotient" and " into " in reading.text


def _plain(text: str, reading: Reading) -> str:
    if "/" in text:
        return f"({text})"
    return "" if may_be_two_numbers(reading, text) else decimal(text, reading.tongue) or ""


def _root(reading: Reading) -> ToolCall | None:
    """A root of the one number, possibly repeated; it may also be given a unit."""
    numbers = {_plain(text.split()[0], reading) for text in reading.all("n")}
    name = reading.one_of("cube_root", "root")
    if len(numbers) != 1 or numbers == {""} or not name or not _is_beside(reading):
        return None
    return recognise_calculation(f"calculate {_ROOTS[name].replace('n', numbers.pop())}")


def _is_beside(reading: Reading) -> bool:
    """Whether only filler is between the root and a number: not in `the root of the number of guests is 12`."""
    kinds = "".join("." if kind in "fS" else kind for kind, _ in reading.pieces)
    return re.search(r"k\.*v|v\.*k", kinds) is not None


_ROOTS = {"cube_root": "n^(1/3)", "root": "sqrt(n)"}


def _checked(reading: Reading) -> ToolCall | None:
    """The value of an expression that was calculated before; the former result does not matter."""
    expressions = {" ".join(text.split()) for text in reading.all("expression")}
    if len(expressions) != 1 or not reading.has("check") or len(reading.all("claim")) > 1:
        return None
    return recognise_calculation(f"calculate {expressions.pop()}")


_FORMS = {
    "product": r"product|produkt|multipl(?:y|ied|ying|iziere|izieren|iziert)(?: by| with| mit)?",
    "remainder": r"remainder|rest|modulo|left over|übrig",
    "quotient": r"quotient|divide[ds]?(?: by)?|dividing|dividiere|dividiert|geteilt(?: durch)?|teile|teilt",
    "total": r"sum of|summe (?:aus|von)",
    "sum": r"add(?:ed|ing)?(?: to)?|addier(?:e|en|t)",
    "less": r"subtract(?:ed|ing)?|take away|deduct(?:ed)?|subtrahier(?:e|en|t)|zieh(?:e|t|en)?|abzieh(?:e|t|en)",
    "difference": r"difference (?:between|of)|differenz (?:zwischen|aus|von)",
    "square": r"(?:the )?square(?:d)?(?! root)(?: of)?|quadrat(?: von)?|im quadrat|quadriert|quadriere",
    "half": r"half(?: of)?|hälfte(?: von)?",
    "third": r"(?:one |a )?third of|(?:ein )?drittel von",
    "quarter": r"(?:one |a )?quarter of|(?:ein )?viertel von",
    "fifth": r"(?:one |a )?fifth of|(?:ein )?fünftel von",
    "tenth": r"(?:one |a )?tenth of|(?:ein )?zehntel von",
}
_OF_OPERATIONS = words(
    "durch by maths math fraction bruch brüche brüchen number zahl result ergebnis from von ab and und integer remains"
    " bleibt when if wenn division left take brain simple together lautet mit with fractions mathe arithmetic rechnung"
)
_TERM = r"\d+(?:[.,]\d+)?(?:/\d+)?"
_UNIT = (
    r"(?: (?:kubik|cubic |quadrat|square )(?i:zenti|milli|dezi|centi|deci)?(?i:met(?:ern?|ers|res?))"
    r"| (?:cm|m|mm|dm|km)(?:³|²|\^[23]|[23])| litern?| lit(?:res?|ers?))?"
)
REQUESTS = (
    Request(
        ("product", "produkt", "multipl", "remainder", "rest", "modulo", "quotient", "divid", "geteilt", "teile",
         "teilt", "sum of", "summe", "add", "subtra", "take away", "deduct", "zieh", "differen",
         "squar", "quadr", "half", "hälfte", "third", "drittel", "quarter", "viertel", "fifth", "fünftel",
         "tenth", "zehntel"),
        {"n": _NUMBER},
        _FORMS,
        _operation,
        _OF_OPERATIONS,
        0,
    ),
    Request(
        ("root", "wurzel", "sqrt"),
        {"n": rf"(?<![\w.,/:-])\d+(?:[.,]\d+)*(?![\w%/]|[.,]\d| ?(?:%|percent|prozent))(?i:{_UNIT})(?!\w)"},
        {
            "cube_root": r"cub(?:e|ic) root|(?:third|3rd) root|kubikwurzel|(?:dritte|3\.) wurzel",
            "root": r"square root|sqrt|quadratwurzel|wurzel|root",
        },
        _root,
        _OF_OPERATIONS
        | words(
            "cube square side edge length volume area würfel quadrat seite kante seitenlänge kantenlänge volumen fläche"
            " tank holds hält fasst aus also wie groß shaped cube-shaped würfelförmiger würfelförmig suche"
        ),
        3,
    ),
    Request(
        ("check", "verify", "rechne", "nachrechn", "prüf", "kontroll", "double"),
        {
            "claim": rf"(?i:(?:i|we|he|she|ich|wir|er|sie|my [a-z]+|mein\w? [a-zäöü]+)(?:'ve)? (?:keep getting|keeps"
            rf" getting|got|gets?|hab(?:en?)?|hat|kriegt?e?|bekomm(?:e|t|en)|komm(?:e|t|en) auf|says?|sagt|meint)"
            rf"(?: (?:that|it's|it|is|dass|es|immer))*) -?{_TERM}(?![\w/]|[.,]\d)(?: (?:raus|heraus))?",
            "expression": rf"(?<![\w.,/:-])-?{_TERM}(?: [-+*/^] {_TERM}| ?[+*^] ?{_TERM}){{1,6}}(?![\w/%]|[.,]\d)",
        },
        {"check": r"check|double-?check|verify|rechne|nachrechnen|nachprüfen|überprüfe?n?|prüfe?n?|kontrolliere?n?"
                  r"|nach(?=[ .?!]*$)|calculate|compute"},
        _checked,
        _OF_OPERATIONS | words("unsure unsicher sure disagrees sagt anders other something else bin"),
        4,
    ),
)  # fmt: skip
