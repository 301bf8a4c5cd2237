"""Questions about matrices, written as rows in brackets."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Build, Family, Found, rules

_ENTRY = r"-?\d+(?:\.\d+|/\d+)?"
VECTOR = rf"\[ ?{_ENTRY}(?: ?, ?{_ENTRY})* ?\]"
MATRIX = rf"\[ ?{VECTOR}(?: ?, ?{VECTOR})* ?\]"
_MAX_SIZE = 20

_A, _B = rf"(?P<a>{MATRIX})", rf"(?P<b>{MATRIX})"
_THE_EN, _THE_DE = r"(?:the )?(?:matrix )?", r"(?:der |die )?(?:matrix )?"
_NAMES: tuple[tuple[str, str, str], ...] = (
    ("determinant", r"det(?:erminant)?", r"determinante"),
    ("inverse", r"inverse", r"inverse"),
    ("eigenvalues", r"eigenvalues", r"eigenwerte"),
    ("rank", r"rank", r"rang"),
    ("transpose", r"transpose", r"transponierte"),
    ("trace", r"trace", r"spur"),
)


def vector_of(text: str) -> list[JsonValue] | None:
    """Entries of `[1, -2.5, 1/3]` as written; None if there are too many."""
    entries: list[JsonValue] = [*re.findall(_ENTRY, text)]
    return entries if len(entries) <= _MAX_SIZE else None


def rows_of(text: str) -> list[JsonValue] | None:
    """Rows of `[[1, 2], [3, 4]]`; None if they differ in length or there are too many."""
    rows = [vector_of(row) for row in re.findall(VECTOR, text)]
    kept: list[JsonValue] = [row for row in rows if row is not None]
    same = len({len(row) for row in rows if row is not None}) == 1
    return kept if same and len(kept) == len(rows) <= _MAX_SIZE else None


def _of_one(operation: str) -> Build:
    def build(found: Found) -> ToolCall | None:
        rows = rows_of(found["a"])
        return None if rows is None else ToolCall("matrix_calc", {"operation": operation, "a": rows})

    return build


def _product(found: Found) -> ToolCall | None:
    a, b = rows_of(found["a"]), rows_of(found["b"])
    operation = "add" if found["plus"] else "subtract" if found["minus"] else "multiply"
    return None if a is None or b is None else ToolCall("matrix_calc", {"operation": operation, "a": a, "b": b})


def _power(found: Found) -> ToolCall | None:
    rows, exponent = rows_of(found["a"]), found["exponent"]
    return None if rows is None else ToolCall("matrix_calc", {"operation": "power", "a": rows, "b": [[int(exponent)]]})


_RULES = (
    *(
        rule
        for operation, english, german in _NAMES
        for rule in (
            *rules("en", _of_one(operation), rf"{LEAD_EN}(?:matrix )?{english}(?: of)? {_THE_EN}{_A}"),
            *rules("en", _of_one(operation), rf"{english}\({_A}\)"),
            *rules(
                "de",
                _of_one(operation),
                rf"{LEAD_DE}{german}(?: matrix)? (?:von |zu )?{_THE_DE}{_A}",
                rf"welchen? {german} hat {_THE_DE}{_A}",
            ),
        )
    ),
    *rules("en", _of_one("inverse"), rf"invert {_THE_EN}{_A}"),
    *rules("de", _of_one("inverse"), rf"invertiere {_THE_DE}{_A}"),
    *rules("de", _of_one("transpose"), rf"transponiere {_THE_DE}{_A}"),
    *rules("en", _power, rf"{LEAD_EN}{_A} ?(?:\^|to the power of|to the) ?(?P<exponent>-?\d{{1,3}})"),
    *rules("de", _power, rf"{LEAD_DE}{_A} hoch (?P<exponent>-?\d{{1,3}})"),
    *rules(
        "en",
        _product,
        rf"(?:what is |what's |calculate |compute )?{_A} ?(?:\*|times|multiplied by|(?P<plus>\+|plus)"
        rf"|(?P<minus>-|minus)) ?{_B}",
        rf"multiply (?:the )?(?:matrix |matrices )?{_A} (?:by|with|and) (?:the )?(?:matrix )?{_B}",
        rf"(?P<plus>add) (?:the )?(?:matrices )?{_A} (?:and|to) {_B}",
        rf"{LEAD_EN}(?:matrix )?(?:product|(?P<plus>sum)) of (?:the )?(?:matrices )?{_A} and {_B}",
    ),
    *rules(
        "de",
        _product,
        rf"(?:was ist |berechne )?{_A} ?(?:\*|mal|(?P<plus>\+|plus)|(?P<minus>-|minus)) ?{_B}",
        rf"multipliziere (?:die )?(?:matrix |matrizen )?{_A} (?:mit|und) {_B}",
        rf"(?P<plus>addiere) (?:die )?(?:matrizen )?{_A} und {_B}",
    ),
)
MATRICES = Family(("[[", "[ ["), _RULES)
