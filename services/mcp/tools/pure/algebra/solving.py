"""All real solutions of an equation in one variable, each verified in the original equation."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.elimination import is_radical, without_radicals
from services.mcp.tools.pure.algebra.expressions import FUNCTIONS, is_constant, substituted
from services.mcp.tools.pure.algebra.forms import tidied
from services.mcp.tools.pure.algebra.kernels import minus, over, parts_of
from services.mcp.tools.pure.algebra.logarithms import is_logarithm, without_logarithms
from services.mcp.tools.pure.algebra.peeling import Candidate, candidates, exact_roots
from services.mcp.tools.pure.algebra.points import agree
from services.mcp.tools.pure.algebra.polynomials import Polynomial, common_divisor, degree, without_roots_of
from services.mcp.tools.pure.algebra.rational import NotRational, difference, quotient_of
from services.mcp.tools.pure.algebra.roots import Root, Roots, polynomial_roots
from services.mcp.tools.pure.algebra.substitutions import in_one_power
from services.mcp.tools.pure.algebra.symbolic import text_of, to_sympy
from services.mcp.tools.pure.algebra.trigonometric import angle_of, cosine_polynomial
from services.mcp.tools.pure.calculate.algebra import Algebra
from services.mcp.tools.pure.calculate.evaluation import evaluate_with
from services.mcp.tools.pure.calculate.grammar import Equation, parse
from services.mcp.tools.pure.calculate.tree import Call, Chain, Node, Number, Power, Variable

Kind = Literal["finite", "periodic", "none", "all", "formula"]
_ZERO = Number(Fraction(0))
_SHIFTS = (1, -1, 5, -3)  # periods at which a periodic solution is verified


@dataclass(frozen=True, slots=True)
class Formula:
    """A verified solution as text, with its period where it has one."""

    text: str
    period: str | None


@dataclass(frozen=True, slots=True)
class Solved:
    """Roots of a polynomial, or solutions as formulas; `excluded` would divide by zero."""

    kind: Kind
    roots: Roots = field(default_factory=lambda: Roots((), (), 0))
    formulas: tuple[Formula, ...] = ()
    excluded: tuple[Root, ...] = ()


def solve(equation: Equation, variable: Variable) -> Solved:
    """Raises ToolError: undecided for kinds that are not solved here."""
    whole = difference(equation.left, equation.right)
    with suppress(NotRational):
        return _rational(whole, variable)
    parts = parts_of(whole)
    if len(parts) == 1 and not any(isinstance(part, Power) and is_radical(part) for part in parts):
        left, right = _separated(equation, whole)
        return _verified(whole, variable, candidates(left, right))
    if all(isinstance(part, Variable) or is_radical(part) for part in parts):
        return _radical(whole, variable)
    if all(is_logarithm(part) for part in parts):
        return _logarithmic(whole, variable)
    if (angle := angle_of(whole)) is not None:
        return _verified(whole, variable, _angles(whole, angle))
    return _verified(whole, variable, candidates(in_one_power(whole, variable), _ZERO))


def _angles(whole: Node, angle: Node) -> Iterator[Candidate]:
    for cosine in exact_roots(cosine_polynomial(whole, angle)):
        yield from candidates(Call("cos", (angle,)), cosine)


def _rational(whole: Node, variable: Variable) -> Solved:
    """Solve p/q = 0: the roots of p at which nothing is divided by zero."""
    quotient = quotient_of(whole, variable)
    if not quotient.numerator:
        return Solved("all", excluded=_real_roots(quotient.poles))
    numerator = without_roots_of(quotient.numerator, quotient.poles)
    excluded = _real_roots(common_divisor(quotient.numerator, quotient.poles))
    if degree(numerator) < 1:
        return Solved("none", excluded=excluded)
    roots = polynomial_roots(numerator)
    return Solved("finite" if roots.real or roots.non_real or roots.unlisted else "none", roots, (), excluded)


def _real_roots(value: Polynomial) -> tuple[Root, ...]:
    return polynomial_roots(value).real if degree(value) > 0 else ()


def _separated(equation: Equation, whole: Node) -> tuple[Node, Node]:
    """A formula, and the constant on its other side."""
    if equation.right is not None and is_constant(equation.right):
        return equation.left, equation.right
    if equation.right is not None and is_constant(equation.left):
        return equation.right, equation.left
    return whole, _ZERO


def _radical(whole: Node, variable: Variable) -> Solved:
    """Solve the equation after the elimination of roots, and retain the solutions of the equation itself."""
    return _sifted(whole, variable, without_radicals(whole, variable.name))


def _logarithmic(whole: Node, variable: Variable) -> Solved:
    quotient = quotient_of(without_logarithms(whole), variable)
    return _sifted(whole, variable, quotient.numerator)


def _sifted(whole: Node, variable: Variable, resolvent: Polynomial) -> Solved:
    if not resolvent:
        raise ToolError("undecided", "the equation may hold on a whole range, which is not told here")
    if degree(resolvent) < 1:
        return Solved("none")
    found = polynomial_roots(resolvent)
    confirmed = tuple(root for root in found.real if _holds(whole, variable, _exact(root)))
    single = tuple(replace(root, multiplicity=1) for root in confirmed)
    return Solved("finite" if confirmed else "none", Roots(single, (), 0))


def _exact(root: Root) -> Node:
    if root.exact is None:
        raise ToolError("undecided", "a solution has no exact form here, so it cannot be verified")
    return parse(root.exact, FUNCTIONS)


def _verified(whole: Node, variable: Variable, found: Iterable[Candidate]) -> Solved:
    """Write candidates in their shortest form and retain those whose printed text solves the equation."""
    formulas = dict.fromkeys(_written(candidate) for candidate in found)
    confirmed: list[Formula] = []
    for one in formulas:
        if _holds_throughout(whole, variable, one) and not any(_is_shift(one, other) for other in confirmed):
            confirmed.append(one)
    if not confirmed:
        return Solved("none")
    return Solved("periodic" if any(one.period for one in confirmed) else "finite", formulas=tuple(confirmed))


def _written(candidate: Candidate) -> Formula:
    period = None if candidate.period is None else text_of(tidied(to_sympy(candidate.period)))
    return Formula(text_of(tidied(to_sympy(candidate.value))), period)


def _holds_throughout(whole: Node, variable: Variable, formula: Formula) -> bool:
    value = parse(formula.text, FUNCTIONS)
    if not _holds(whole, variable, value):
        return False
    for number in _SHIFTS if formula.period is not None else ():
        step = Chain(Number(Fraction(number)), (("*", parse(formula.period or "0", FUNCTIONS)),))
        if not _holds(whole, variable, Chain(value, (("+", step),))):
            raise ToolError("undecided", "the period of a solution could not be verified")
    return True


def _is_shift(one: Formula, other: Formula) -> bool:
    """Whether two solutions are periods apart."""
    if one.period is None or one.period != other.period:
        return False
    apart = over(minus(parse(one.text, FUNCTIONS), parse(other.text, FUNCTIONS)), parse(one.period, FUNCTIONS))
    algebra = Algebra()
    periods = evaluate_with(algebra, apart)
    return agree(algebra, periods, evaluate_with(algebra, Call("round", (apart,))))


def _holds(whole: Node, variable: Variable, value: Node) -> bool:
    """Whether the equation is true at a value: exactly, or to 40 digits in certified bounds."""
    algebra = Algebra()
    try:
        return agree(algebra, evaluate_with(algebra, substituted(whole, {variable.name: value})), Fraction(0))
    except ToolError as error:
        if error.code in ("domain_error", "division_by_zero"):
            return False
        raise
