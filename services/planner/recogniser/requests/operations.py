"""One arithmetic operation named in words: a product, a quotient, a remainder, a difference, a root, a part."""

import re

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Reading, Request, may_be_two_numbers

_NUMBER = r"(?<![\w.,/:-])-?\d+(?:/\d+|(?:[.,]\d+)*)(?![\w%/]|[.,]\d| ?(?:%|percent|prozent))"
_SERIES = re.compile(r"\d (?:to|bis) \d")
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
    if len(found) != 1 or "" in numbers or len(numbers) != (2 if found[0] in _SIGNS or found[0] == "less" else 1):
        return None
    name, first, last = found[0], numbers[0], numbers[-1]
    if name == "total" and not any("/" in number for number in numbers):
        return None  # a list of numbers, or a series
    if name != "sum" and _SERIES.search(reading.text):
        return None
    if name in _PARTS and _YEAR.fullmatch(first):
        return None  # the first quarter of 2025
    if name in _SIGNS:
        return recognise_calculation(f"calculate {first} {_SIGNS[name]} {last}")
    forms = {
        "less": f"{last} - {first}",
        "square": f"{first}^2",
        "root": f"sqrt({first})",
        "cube_root": f"{first}^(1/3)",
    }
    return recognise_calculation(f"calculate {forms.get(name) or f'{first} / {_PARTS[name]}'}")


def _plain(text: str, reading: Reading) -> str:
    if "/" in text:
        return f"({text})"
    return "" if may_be_two_numbers(reading, text) else decimal(text, reading.tongue) or ""


_FORMS = {
    "product": r"product|produkt|multipl(?:y|ied|ying|iziere|izieren|iziert)(?: by| with| mit)?",
    "remainder": r"remainder|rest|modulo|left over|übrig",
    "quotient": r"quotient|divide[ds]?(?: by)?|dividing|dividiere|dividiert|geteilt(?: durch)?|teile|teilt",
    "total": r"sum of|summe (?:aus|von)",
    "sum": r"add(?:ed|ing)?(?: to)?|addier(?:e|en|t)",
    "less": r"subtract(?:ed|ing)?|take away|deduct(?:ed)?|subtrahier(?:e|en|t)|zieh(?:e|t|en)?|abzieh(?:e|t|en)",
    "difference": r"difference (?:between|of)|differenz (?:zwischen|aus|von)",
    "cube_root": r"cub(?:e|ic) root|third root|kubikwurzel|dritte wurzel",
    "root": r"square root|sqrt|(?:quadrat)?wurzel|root",
    "square": r"(?:the )?square(?:d)?(?: of)?|quadrat(?: von)?|im quadrat|quadriert|quadriere",
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
REQUESTS = (
    Request(
        ("product", "produkt", "multipl", "remainder", "rest", "modulo", "quotient", "divid", "geteilt", "teile",
         "teilt", "sum of", "summe", "add", "subtra", "take away", "deduct", "zieh", "differen", "root", "wurzel",
         "sqrt", "squar", "quadr", "half", "hälfte", "third", "drittel", "quarter", "viertel", "fifth", "fünftel",
         "tenth", "zehntel"),
        {"n": _NUMBER},
        _FORMS,
        _operation,
        _OF_OPERATIONS,
        0,
    ),
)  # fmt: skip
