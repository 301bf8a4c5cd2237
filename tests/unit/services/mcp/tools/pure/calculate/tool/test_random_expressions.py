"""`calculate` on random expressions: fractions against SymPy's rationals, the rest against mpmath's numbers."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import mpmath
import sympy

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_401
FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)
Q = sympy.Rational
HALF = Q(1, 2)


@dataclass(frozen=True)
class Tree:
    """An expression in our grammar, and its value: a rational."""

    text: str
    value: sympy.Rational


def number(source: random.Random, mark: str) -> Tree:
    """Number that can be read in one way: two decimal places, or none."""
    if source.random() < 0.4:
        whole = source.randint(0, 12)
        return Tree(str(whole), Q(whole))
    cents = source.randrange(10 ** source.randint(1, 8))
    grouped = source.choice(("", "'"))
    whole_text = f"{cents // 100:,}".replace(",", grouped) if grouped else str(cents // 100)
    return Tree(f"{whole_text}{mark}{cents % 100:02}", Q(cents, 100))


def tree(source: random.Random, mark: str, depth: int) -> Tree:
    """Random expression with a bounded depth; its numbers have one decimal mark."""
    if depth == 0 or source.random() < 0.1:
        return number(source, mark)
    left, right = tree(source, mark, depth - 1), tree(source, mark, depth - 1)
    return source.choice((_joined, _joined, _joined, _percentage, _called, _raised))(source, left, right)


def drawn_tree(source: random.Random, depth: int) -> Tree:
    """Expression in either style; decimal commas need a `;` to be ones between the parentheses of a call."""
    mark = source.choice(".,")
    one = tree(source, mark, depth)
    return one if mark == "." else Tree(f"{one.text} + min(0; 1)", one.value)


def _joined(source: random.Random, left: Tree, right: Tree) -> Tree:
    sign = source.choice(("+", "-", "−", "*", "·", "×", "/", "÷", "//", "mod"))  # noqa: RUF001 - signs that people paste
    if sign in ("/", "÷", "//", "mod") and right.value == 0:
        sign = "*"
    value = {
        "+": lambda: left.value + right.value,
        "-": lambda: left.value - right.value,
        "*": lambda: left.value * right.value,
        "/": lambda: left.value / right.value,
        "//": lambda: sympy.floor(left.value / right.value),
        "mod": lambda: left.value - right.value * sympy.floor(left.value / right.value),
    }[{"−": "-", "·": "*", "×": "*", "÷": "/"}.get(sign, sign)]()  # noqa: RUF001 - signs that people paste
    return Tree(f"({left.text} {sign} {right.text})", value)


def _percentage(source: random.Random, left: Tree, right: Tree) -> Tree:
    """`p % of x` is a share; a percentage added to x is p percent of x."""
    percent = source.randint(0, 130)
    share = left.value * percent / 100
    written = {
        f"({percent} % of ({left.text}))": share,
        f"({percent}% von ({left.text}))": share,
        f"({left.text} + {percent} %)": left.value + share,
        f"({left.text} - {percent}%)": left.value - share,
    }
    text = source.choice(list(written))
    return Tree(text, written[text])


def _called(source: random.Random, left: Tree, right: Tree) -> Tree:
    a, b, places = left.value, right.value, source.randint(-2, 4)
    away = sympy.floor(abs(a) * Q(10) ** places + HALF) / Q(10) ** places
    n, m = source.randint(0, 60), source.randint(1, 60)
    written = {
        f"abs({left.text})": abs(a),
        f"floor({left.text})": sympy.floor(a),
        f"ceil({left.text})": sympy.ceiling(a),
        f"round({left.text}; {places})": away * sympy.sign(a),
        f"min({left.text}; {right.text})": min(a, b),
        f"max({left.text}; {right.text}; 1/3)": max(a, b, Q(1, 3)),
        f"gcd({n}; {m})": Q(sympy.gcd(n, m)),
        f"lcm({n}; {m})": Q(sympy.lcm(n, m)),
        f"{n % 13}!": Q(sympy.factorial(n % 13)),
        f"(-{left.text})": -a,
        f"sqrt(({left.text})^2)": abs(a),
    }
    text = source.choice(list(written))
    return Tree(text, written[text])


def _raised(source: random.Random, left: Tree, right: Tree) -> Tree:
    exponent = source.randint(0 if left.value == 0 else -3, 3)
    return Tree(f"({left.text}){source.choice(('^', '**'))}({exponent})", left.value**exponent)


def test_trees_of_everything_that_leads_to_a_fraction_equal_another_programs_rationals(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("calculate", 2_500):
        one = drawn_tree(source, source.randint(1, 4))
        try:
            result = invoke("calculate", {"expression": one.text}).result
        except ToolError as error:
            assert error.code in ("ambiguous", "limit_exceeded"), one.text  # noqa: PT017 - refusals are counted
            exact.refuse("calculate")
            continue
        truth = Fraction(int(one.value.p), int(one.value.q))
        assert Fraction(str(result["exact"])) == truth, one.text
        rounded = Fraction(str(result["rounded"]))
        assert abs(rounded - truth) * 2 * 10**14 <= abs(truth), one.text
        assert result["is_exact"] == (rounded == truth), one.text


def test_the_interpretation_of_a_tree_has_the_value_of_the_tree(exact: Exactness) -> None:
    source = random.Random(SEED + 1)
    for _ in exact.cases("calculate", 1_000):
        one = drawn_tree(source, source.randint(1, 3))
        told = str(invoke("calculate", {"expression": one.text}).result["interpretation"])
        if len(told) <= 1_000:
            again = invoke("calculate", {"expression": told}).result["exact"]
            assert Fraction(str(again)) == Fraction(int(one.value.p), int(one.value.q)), one.text


DIGITS = 400
LARGEST, LEAST = mpmath.mpf("1e100"), mpmath.mpf("1e-100")
FUNCTIONS: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "sqrt": mpmath.sqrt,
    "exp": mpmath.exp,
    "ln": mpmath.log,
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
}


@dataclass(frozen=True)
class Irrational:
    """An expression in our grammar, and its value: real, of a size that leaves all digits we need."""

    text: str
    value: mpmath.mpf

    def __post_init__(self) -> None:
        if mpmath.im(self.value) != 0 or not (self.value == 0 or LEAST < abs(self.value) < LARGEST):
            raise OverflowError


def irrational(source: random.Random, depth: int) -> Irrational:
    """Random expression of functions, to be made within one precision of mpmath."""
    if depth == 0:
        return _leaf(source)
    inner = irrational(source, depth - 1)
    if source.random() < 0.5:
        name = source.choice(list(FUNCTIONS))
        return Irrational(f"{name}({inner.text})", FUNCTIONS[name](inner.value))
    return _pair(source, inner, irrational(source, depth - 1))


def _leaf(source: random.Random) -> Irrational:
    above, below = source.randint(-40, 400), source.randint(1, 97)
    written = {
        f"({above}/{below})": mpmath.mpf(above) / below,
        f"{abs(above)}": mpmath.mpf(abs(above)),
        "pi": +mpmath.pi,
        "e": +mpmath.e,
        f"{abs(above)}°": abs(above) * mpmath.pi / 180,
        f"({above}e-{below % 40})": above * mpmath.mpf(10) ** -(below % 40),
    }
    text = source.choice(list(written))
    return Irrational(text, written[text])


def _pair(source: random.Random, left: Irrational, right: Irrational) -> Irrational:
    sign = source.choice("+-*/^")
    a, b = left.value, right.value
    if (sign == "/" and b == 0) or (sign == "^" and not (0 < a < 50 and abs(b) < 50)):
        sign = "+"
    value = a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b if sign == "/" else a**b
    return Irrational(f"({left.text}) {sign} ({right.text})", value)


def drawn(source: random.Random) -> Irrational:
    """Expression whose value is certainly not zero."""
    while True:
        try:
            one = irrational(source, source.choice((1, 1, 2, 3)))
        except (OverflowError, ZeroDivisionError):
            continue
        if one.value != 0:
            return one


def test_trees_of_functions_are_correctly_rounded(exact: Exactness) -> None:
    source = random.Random(SEED + 2)
    with mpmath.workdps(DIGITS):
        for _ in exact.cases("calculate", 2_500):
            one = drawn(source)
            try:
                rounded = str(invoke("calculate", {"expression": one.text}).result["rounded"])
            except ToolError as error:
                assert error.code in ("undecided", "limit_exceeded", "domain_error"), one.text  # noqa: PT017
                exact.refuse("calculate")
                continue
            assert Decimal(rounded) == FIFTEEN.create_decimal(mpmath.nstr(one.value, 60)), one.text
