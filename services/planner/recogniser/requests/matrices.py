"""Matrices: in brackets, and as rows of numbers."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.matrices import MATRICES
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.formulas import MATHS, asked
from services.planner.recogniser.requests.qualifiers import of_its_formula
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import MATRIX

_N = r"-?\d+(?:\.\d+|/\d+)?"
_SPACED, _LISTED = rf"{_N}(?: +{_N})+", rf"{_N}(?: ?, ?{_N})+"
_BRACKETED = rf"[\[(] ?{_N}(?:(?: ?[,;] ?| +){_N})* ?[\])]"
_AND = r"(?:and |und )?"
# rows of a matrix, with `;`, `/` or `|` between rows of numbers, and anything between rows in brackets
ROWS = (
    rf"(?<![\w.,])[\[(]?(?:{_LISTED}(?:(?: ?[;/|] ?{_AND}| (?:and|und) ){_LISTED}){{1,11}}"
    rf"|{_SPACED}(?:(?: ?[;/|,] ?| (?=and|und)){_AND}{_SPACED}){{1,11}})[\])]?(?![\w.,]*\d)"
    rf"|[\[(]?{_BRACKETED}(?:(?: ?[,;] ?| ){_AND}{_BRACKETED}){{1,11}}[\])]?"
)
_IN_BRACKETS = re.compile(r"[\])].*[\[(]")
_BETWEEN_BRACKETS = re.compile(r"[\])] ?[,;]? ?(?:and |und )?[\[(]")
_BETWEEN_ROWS = re.compile(r" ?[;/|] ?(?:and |und )?")
_BETWEEN_SPACED_ROWS = re.compile(r",? (?:and|und) |, ?")
_AND_BETWEEN_ROWS = re.compile(r" (?:and|und) ")
_OF_ONE = ("determinant", "inverse", "eigenvalues", "rank", "transpose", "trace")
_OF_TWO = {"sum": "add", "difference": "subtract", "product": "multiply"}


def _rows(text: str) -> str:
    """Rows in brackets, as the rules read them; nothing if they differ in length."""
    if _IN_BRACKETS.search(text):
        between = _BETWEEN_BRACKETS
    else:
        is_marked, is_spaced = re.search(r"[;/|]", text), re.search(r"\d -?\d", text)
        between = _BETWEEN_ROWS if is_marked else _BETWEEN_SPACED_ROWS if is_spaced else _AND_BETWEEN_ROWS
    rows = [re.findall(_N, row) for row in between.split(text.strip("[]() "))]
    is_matrix = len({len(row) for row in rows}) == 1 and len(rows) > 1
    return "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]" if is_matrix else ""


def _matrices(reading: Reading) -> list[str]:
    if reading.all("matrix"):
        return [] if reading.all("rows") else [text.replace(";", ",") for text in reading.all("matrix")]
    return [_rows(text) for text in reading.all("rows")]


def _of_matrices(reading: Reading) -> ToolCall | None:
    matrices = _matrices(reading)
    operation = reading.one_of(*_OF_ONE, *_OF_TWO, "power")
    if not operation or not matrices or "" in matrices or reading.has("other"):
        return None
    if operation == "power" or reading.all("exponent"):
        return _power(reading, matrices) if operation == "power" else None
    if len(matrices) != (2 if operation in _OF_TWO else 1):
        return None
    if _names_another_order(reading, operation):
        return None
    if operation == "difference" and reading.has("from") and _is_from_between(reading):
        matrices.reverse()  # `subtract A from B`
    form = {"difference": "minus", "sum": "plus", "product": "times"}
    text = f" {form[operation]} ".join(matrices) if operation in form else f"{operation} of {matrices[0]}"
    call = MATRICES.recognise(asked(text))
    return call if call is not None and call.tool == "matrix_calc" else None


def _is_from_between(reading: Reading) -> bool:
    """True for `subtract A from B`, and not for `subtract from B`, and `Differenz von A und B`."""
    first = next(place for place, (kind, _) in enumerate(reading.pieces) if kind == "v")
    return any(kind == "k" and text in ("from", "von") for kind, text in reading.pieces[first:])


def _names_another_order(reading: Reading, operation: str) -> bool:
    """True for `A = …, B = …: B times A`, and for a sign before a matrix."""
    if operation in _OF_ONE:
        return re.search(r"(?:of|von) [-\u2013] ?\[", reading.text) is not None
    labels = re.findall(r"(?<!\w)([A-Z]) ?= ?\[", reading.text)
    if len(labels) != 2 or labels[0] == labels[1]:
        return False
    if re.search(rf"(?<!\w){labels[1]}{labels[0]}(?!\w)", reading.text):
        return True
    mentions = re.findall(rf"(?<!\w)({'|'.join(labels)})(?!\w| ?=)", reading.text)
    is_from = operation == "difference" and re.search(r"(?<!\w)(?:from|von)(?!\w)", reading.text) is not None
    return bool(mentions) and (mentions != labels or is_from)


def _power(reading: Reading, matrices: list[str]) -> ToolCall | None:
    named = {2: reading.has("square"), 3: reading.has("cube")}
    exponents = {exponent for exponent, is_named in named.items() if is_named}
    exponents |= {int(re.sub(r"[^\d-]", "", text)) for text in reading.all("exponent")}
    if len(exponents) != 1 or len(matrices) != 1:
        return None
    call = MATRICES.recognise(asked(f"{matrices[0]} to the power of {exponents.pop()}"))
    return call if call is not None and call.tool == "matrix_calc" else None


_KEYS = {
    "other": r"eigenve[ck]t\w+|adjugate|adjungierte|norm|element-?wise|entries|einträge|lu|qr|svd|characteristic\w*"
    r"|(?:from|on) the left|von links|linksseitig"
    r"|charakteristisch\w*|null ?space|kern|basis|diagonali\w+|cofactors?|minors?|exponential",
    "determinant": r"det(?:erminante?n?)?", "inverse": r"inver(?:se[nr]?|t(?:ed)?|tiere|tieren|tiert|sion)"
    r"|(?:matrix-?)?inverse",
    "rank": r"rank|rang|ranges?", "eigenvalues": r"eigen ?values?|eigenwerte?n?",
    "transpose": r"transpose[d]?|transponier\w*", "trace": r"trace|spur",
    "sum": r"sum|add(?:ed)?(?: (?:to|up))?|plus|\+|summe|addier\w*|addition",
    "difference": r"minus|subtract(?:ed|ion)?|subtrahier\w*|ziehe?(?= .* ab)|difference|differenz|[-\u2013](?= ?\[)",
    "product": r"product|multipl\w+|times|produkt|mal|\*|a ?[*·] ?b|(?-i:AB)|matrix-?produkt",
    "power": r"(?:raised? )?(?:to the )?power(?: of)?|raise|hoch|potenz(?:iere|ieren)?|\^",
    "square": r"squared?|quadrat|quadriert?|quadriere|to the second", "cube": r"cubed?",
    "size": r"[1-9] ?(?:[x\u00d7]|by|kreuz) ?[1-9]",
    "from": r"(?:from|von)(?= (?:(?:the|der) )?(?:matrix )?(?:[a-z] ?= ?)?\[)",
}  # fmt: skip
_OF_MATRICES = MATHS | words(
    "linear algebra lineare their b a c =  is m zeilen rows row zeile columns entries with mit matrizen product"
    " inverted be compute ab exist"
    " exists existiert 2x2 3x3 sie der hat besitzt"
)
REQUESTS = (
    Request(
        (
            "[[",
            "[ [",
            "matri",
            "determinant",
            "det ",
            "eigenv",
            "eigenw",
            "rang",
            "spur ",
            "transpo",
            "invers",
            "trace",
            "rank of",
        ),
        {
            "exponent": r"(?:(?i:power(?: of)?|hoch|exponent|to the) ?|\^ ?|(?<![\w.,/]))-?\d{1,3}(?:th|st|nd|rd)?"
            r"(?![\w.,]*\d)(?! ?[,;/|] ?-?\d| -?\d)",
            "matrix": MATRIX,
            "rows": ROWS,
        },
        _KEYS,
        of_its_formula(_of_matrices),
        _OF_MATRICES,
        5,
    ),
)  # fmt: skip
