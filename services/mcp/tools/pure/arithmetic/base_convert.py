"""`base_convert`: numbers between bases 2 and 36, fractions exactly or with their period in parentheses."""

import re
from dataclasses import dataclass
from fractions import Fraction

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

MAX_VALUE_CHARS = 512
MAX_FRACTION_DIGITS = 2_000
ROUNDED_FRACTION_DIGITS = 40
RULE = "digits 0-9 then A-Z; the digits in parentheses repeat for ever; 'rounded' takes halves to even"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PREFIXES = {16: "0x", 8: "0o", 2: "0b"}
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_SHAPE = re.compile(r"([+-]?)([0-9A-Z]+)(?:[.,]([0-9A-Z]*))?(?:\(([0-9A-Z]+)\))?", re.ASCII)


class BaseConvertArguments(ToolModel):
    """A number in digits of `from_base`; a fraction after a point, its period in parentheses: 0.1(6)."""

    value: str = Field(min_length=1, max_length=MAX_VALUE_CHARS)
    from_base: int = Field(default=10, ge=2, le=36)
    to_base: int = Field(default=2, ge=2, le=36)


class BaseConvertResult(ToolModel):
    """`exact` is null where the period is longer than the limit; `rounded` is always there."""

    value: str
    from_base: int
    to_base: int
    exact: str | None
    rounded: str = Field(description=f"With at most {ROUNDED_FRACTION_DIGITS} digits after the point")
    is_exact: bool = Field(description="Whether `rounded` is the exact value")
    period: int | None = Field(description="Digits that repeat: 0 where the expansion ends, null if beyond the limit")
    rule: str = RULE


@dataclass(frozen=True, slots=True)
class _Expansion:
    """Digits after the point: those before the period, and the period."""

    fixed: str
    repeating: str

    def written(self) -> str:
        return f"{self.fixed}({self.repeating})" if self.repeating else self.fixed


def base_convert(arguments: BaseConvertArguments) -> BaseConvertResult:
    """Number in `to_base`. Raises ToolError: invalid_argument for digits that the base lacks, ambiguous."""
    value = _read(arguments.value, arguments.from_base)
    base = arguments.to_base
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 1)
    expansion = _expand(rest, base)
    rounded, is_exact = _rounded(abs(value), base)
    exact = None if expansion is None else _joined(_in_base(int(whole), base), expansion.written())
    return BaseConvertResult(
        value=arguments.value.strip(),
        from_base=arguments.from_base,
        to_base=base,
        exact=None if exact is None else sign + exact,
        rounded=sign + rounded,
        is_exact=is_exact,
        period=None if expansion is None else len(expansion.repeating),
    )


def _read(text: str, base: int) -> Fraction:
    if not text.isascii():  # capitals of other letters may be ours: ß becomes SS
        raise ToolError("invalid_argument", "value: the digits are 0 to 9 and A to Z")
    plain = text.strip().upper()
    if base == 10 and _GROUPED.fullmatch(plain):
        raise ToolError("ambiguous", "value: a comma before three digits: write 1000 or 1.000, without grouping")
    prefix = _PREFIXES.get(base, "").upper()
    sign = plain[:1] if plain[:1] in "+-" else ""
    if prefix and plain[len(sign) :].startswith(prefix):
        plain = sign + plain[len(sign) + len(prefix) :]
    shape = _SHAPE.fullmatch(plain)
    if shape is None or (shape[4] and shape[3] is None):
        raise ToolError("invalid_argument", "value: digits, at most one point, and a period in parentheses after it")
    fixed, period = shape[3] or "", shape[4] or ""
    number = Fraction(_whole(shape[2], base)) + Fraction(_whole(fixed or "0", base), base ** len(fixed))
    if period:
        number += Fraction(_whole(period, base), (base ** len(period) - 1) * base ** len(fixed))
    return -number if shape[1] == "-" else number


def _whole(digits: str, base: int) -> int:
    for digit in digits:
        if _DIGITS.index(digit) >= base:
            raise ToolError("invalid_argument", f"value: {digit} is no digit in base {base}")
    return int(digits, base)


def _in_base(number: int, base: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, base)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _expand(rest: Fraction, base: int) -> _Expansion | None:
    """Long division until a remainder repeats. None beyond MAX_FRACTION_DIGITS digits."""
    remainder, digits, seen = rest.numerator, "", dict[int, int]()
    while remainder and remainder not in seen:
        if len(digits) >= MAX_FRACTION_DIGITS:
            return None
        seen[remainder] = len(digits)
        digit, remainder = divmod(remainder * base, rest.denominator)
        digits += _DIGITS[digit]
    start = seen[remainder] if remainder else len(digits)
    return _Expansion(digits[:start], digits[start:])


def _rounded(value: Fraction, base: int) -> tuple[str, bool]:
    scale = base**ROUNDED_FRACTION_DIGITS
    scaled = round(value * scale)  # halves to even
    whole, rest = divmod(scaled, scale)
    fraction = _in_base(rest, base).rjust(ROUNDED_FRACTION_DIGITS, "0").rstrip("0")
    return _joined(_in_base(whole, base), fraction), Fraction(scaled, scale) == value


def _joined(whole: str, fraction: str) -> str:
    return f"{whole}.{fraction}" if fraction else whole


def _phrase(result: BaseConvertResult, style: AnswerStyle) -> str:
    shown = result.exact if result.exact is not None and len(result.exact) <= 300 else result.rounded
    sign = "=" if shown == result.exact or result.is_exact else "≈"
    if style.language == "de":
        return f"{result.value} (Basis {result.from_base}) {sign} {shown.replace('.', ',')} (Basis {result.to_base})."
    return f"{result.value} (base {result.from_base}) {sign} {shown} (base {result.to_base})."


BASE_CONVERT = Tool(
    name="base_convert",
    description=Bilingual(
        en="Convert numbers between bases 2 to 36, fractions exactly with their period",
        de="Zahlen zwischen den Basen 2 bis 36 umrechnen, Brüche exakt mit ihrer Periode",
    ),
    keywords=Bilingual(
        en="base convert binary hex hexadecimal octal decimal number system radix to",
        de="basis binär binärzahl dual hexadezimal hex oktal dezimal zahlensystem stellenwertsystem umrechnen",
    ),
    arguments=BaseConvertArguments,
    result=BaseConvertResult,
    run=base_convert,
    answer=_phrase,
    limits=(
        Limit(name="value_chars", value=MAX_VALUE_CHARS, unit="characters"),
        Limit(name="fraction_digits", value=MAX_FRACTION_DIGITS, unit="digits"),
    ),
    example=Example(
        args={"value": "10.1", "from_base": 10, "to_base": 2},
        result={
            "value": "10.1",
            "from_base": 10,
            "to_base": 2,
            "exact": "1010.0(0011)",
            "rounded": "1010.000110011001100110011001100110011001101",
            "is_exact": False,
            "period": 4,
            "rule": RULE,
        },
        answer="10.1 (base 10) = 1010.0(0011) (base 2).",
    ),
    error_example=ErrorExample(args={"value": "12", "from_base": 2}, code="invalid_argument"),
)
