"""Questions for the solutions of an equation or a system, and for a simpler form."""

import re
from decimal import Decimal

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.matrices import MATRIX, VECTOR, rows_of, vector_of
from services.planner.recogniser.formulas import read_formula, variable_of
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, rules

_Q = r"(?P<equation>[^=]{1,120}=[^=]{1,120}?)"
_E = r"(?P<expression>.{1,200}?)"
_EQUATION_EN, _EQUATION_DE = r"(?:the )?(?:equation )?", r"(?:die |der )?(?:gleichung )?"
_FOR_EN, _FOR_DE = r"(?: for (?P<variable>[a-z]))?", r"(?: nach (?P<variable>[a-z])(?: auf)?)?"
_SYSTEM_EN = r"(?:the )?(?:linear )?system(?: of (?:linear )?equations)?:?"
_SYSTEM_DE = r"(?:das )?(?:lineare )?gleichungssystem:?"
_BETWEEN = re.compile(r"; ?|, | and | und ", re.IGNORECASE)
_TERM = re.compile(r"([+-]?)(?:(\d+(?:\.\d+)?)(?:\*([a-z]))?|([a-z]))")
_MAX_UNKNOWNS = 6


def _solved(found: Found) -> ToolCall | None:
    formula = read_formula(found.written("equation"), found.tongue)
    variable = None if formula is None or formula.text.count("=") != 1 else variable_of(formula, found["variable"])
    if formula is None or variable is None or len(formula.variables) > 1:
        return None
    return ToolCall("solve_equation", {"equation": formula.text, "variable": variable})


def _simplified(found: Found) -> ToolCall | None:
    formula = read_formula(found.written("expression"), found.tongue)
    if formula is None or not formula.variables or "=" in formula.text or formula.text == formula.variables[0]:
        return None
    return ToolCall("simplify_expression", {"expression": formula.text})


def _system(found: Found) -> ToolCall | None:
    equations = [_linear(text, found) for text in _BETWEEN.split(found["system"])]
    read = [equation for equation in equations if equation is not None]
    unknowns = list(dict.fromkeys(name for coefficients, _ in read for name in coefficients))  # in written order
    names = _as_written(unknowns, found.written("system"))
    sized = len(read) == len(equations) and 2 <= len(read) <= _MAX_UNKNOWNS and len(unknowns) <= _MAX_UNKNOWNS
    if not sized or names is None:
        return None
    rows: list[JsonValue] = [[coefficients.get(name, "0") for name in unknowns] for coefficients, _ in read]
    return ToolCall("linear_system", {"a": rows, "b": [right for _, right in read], "names": names})


def _as_written(names: list[str], system: str) -> list[JsonValue] | None:
    """The names in the case of the question; None if `X` and `x` may be two unknowns."""
    letters = set(_BETWEEN.sub(" ", system))
    if any(name in letters and name.upper() in letters for name in names):
        return None
    return [name if name in letters else name.upper() for name in names]


def _linear(text: str, found: Found) -> tuple[dict[str, str], str] | None:
    """Coefficients and right side of `2x + y = 5` and `y = 2x + 3`; None for powers, products and quotients."""
    formula = read_formula(text, found.tongue)
    if formula is None or formula.text.count("=") != 1:
        return None
    left, right = (_terms(side) for side in formula.text.replace(" ", "").split("="))
    if left is None or right is None:
        return None
    names = [name for name in dict.fromkeys((*left, *right)) if name]
    coefficients = {name: _written(left.get(name, _ZERO) - right.get(name, _ZERO)) for name in names}
    return (coefficients, _written(right.get("", _ZERO) - left.get("", _ZERO))) if names else None


def _terms(side: str) -> dict[str, Decimal] | None:
    """The sum of the coefficients of each unknown; of the numbers under an empty name."""
    sums: dict[str, Decimal] = {}
    place = 0
    while place < len(side):
        term = _TERM.match(side, place)
        if term is None or not (place == 0 or term[1]):
            return None
        coefficient = Decimal(f"{term[1]}{term[2] or 1}")
        name = term[3] or term[4] or ""
        sums[name] = sums.get(name, _ZERO) + coefficient
        place = term.end()
    return sums


_ZERO = Decimal(0)


def _written(number: Decimal) -> str:
    return format(number, "f") if number else "0"


def _matrix_system(found: Found) -> ToolCall | None:
    """The unknowns of `A y = b` are y1, y2, …; those of t would collide with the tool's free numbers."""
    rows, right, vector = rows_of(found["rows"]), vector_of(found["right"]), found["vector"]
    if rows is None or right is None or vector == "t":
        return None
    columns = found["rows"].split("]")[0].count(",") + 1
    names: list[JsonValue] = [f"{vector}{place}" for place in range(1, columns + 1)]
    return ToolCall("linear_system", {"a": rows, "b": right, "names": names})


_RULES = (
    *rules(
        "en",
        _system,
        rf"solve {_SYSTEM_EN} (?P<system>.{{5,200}})",
    ),
    *rules("de", _system, rf"löse {_SYSTEM_DE} (?P<system>.{{5,200}})"),
    *rules("en", _matrix_system, rf"solve (?P<rows>{MATRIX}) ?\*? ?(?P<vector>[a-z]) = (?P<right>{VECTOR})"),
    *rules("de", _matrix_system, rf"löse (?P<rows>{MATRIX}) ?\*? ?(?P<vector>[a-z]) = (?P<right>{VECTOR})"),
    *rules(
        "en",
        _solved,
        rf"solve {_EQUATION_EN}{_Q}{_FOR_EN}",
        rf"solve for (?P<variable>[a-z])[:,]? {_Q}",
        rf"{LEAD_EN}(?:solutions?|roots?) (?:of|to) {_EQUATION_EN}{_Q}",
        rf"if {_Q},? (?:then )?what is (?P<variable>[a-z])",
        rf"(?:what is|find|determine) (?P<variable>[a-z]) (?:if|when|such that|in|from) {_Q}",
    ),
    *rules(
        "de",
        _solved,
        rf"löse {_EQUATION_DE}{_Q}{_FOR_DE}",
        rf"löse nach (?P<variable>[a-z])(?: auf)?[:,]? {_Q}",
        rf"(?:berechne|bestimme) (?P<variable>[a-z])[:,]? (?:wenn |aus |in )?{_Q}",
        rf"{LEAD_DE}(?:lösung(?:en)?|nullstellen?) (?:von|der) {_EQUATION_DE}{_Q}",
        rf"welche lösung(?:en)? hat {_EQUATION_DE}{_Q}",
        rf"wenn {_Q} ist, (?:was|wie groß) ist (?P<variable>[a-z])",
        rf"was ist (?P<variable>[a-z]), wenn {_Q}(?: ist)?",
    ),
    *rules("en", _simplified, rf"(?:expand|multiply out) (?:the )?(?:expression |product )?{_E}"),
    *rules("de", _simplified, rf"multipliziere (?:den )?(?:ausdruck |term )?{_E} aus"),
    *rules("en", _simplified, rf"simplify (?:the )?(?:expression )?{_E}", rf"what is {_E} simplified"),
    *rules("de", _simplified, rf"vereinfache (?:den )?(?:ausdruck |term )?{_E}"),
)
ALGEBRA = Family(("=", "simplif", "vereinfach", "expand", "multipl"), _RULES)
