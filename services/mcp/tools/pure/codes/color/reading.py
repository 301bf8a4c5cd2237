"""What a written colour means."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from services.mcp.contract import ToolError
from services.mcp.tools.pure.codes.color.models import Notation
from services.mcp.tools.pure.codes.color.names import VALUES
from services.mcp.tools.pure.codes.color.space import Color, from_cmyk, from_hsl, from_hsv

Reader: TypeAlias = Callable[[list[str]], Color]

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)
_CALL = re.compile(r"(rgb|hsl|hsv|hsb|cmyk|device-cmyk)\s*\(([^()]*)\)", re.ASCII)
_ONE_PERCENT = Fraction(1, 100)
_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,12})?|\.\d{1,12})(%|deg|°)?", re.ASCII)


def read_color(text: str) -> tuple[Color, Notation]:
    """The colour and its notation. Raises ToolError."""
    written = text.strip().lower()
    if (value := VALUES.get(written.replace(" ", ""))) is not None:
        return _of_bytes(value), "name"
    if found := _HEX.fullmatch(written):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return _of_bytes(int(digits, 16)), "hex"
    if found := _CALL.fullmatch(written):
        notation, parts, read = _READERS[found[1]]
        numbers = [part.strip() for part in found[2].split(",")] if "," in found[2] else found[2].split()
        if len(numbers) == parts:
            return read(numbers), notation
        raise ToolError("invalid_argument", f"color: {notation} has {parts} numbers; transparency is not converted")
    raise ToolError("invalid_argument", "color: write #rrggbb, rgb(), hsl(), hsv(), cmyk() or a CSS name")


def _of_bytes(value: int) -> Color:
    return Color(*(Fraction(value >> shift & 255, 255) for shift in (16, 8, 0)))


def _rgb(numbers: list[str]) -> Color:
    return Color(*(_scaled(number, 255, "rgb is 0 to 255 or 0% to 100%") for number in numbers))


def _hsl(numbers: list[str]) -> Color:
    return from_hsl(_turn(numbers[0]), _percent(numbers[1]), _percent(numbers[2]))


def _hsv(numbers: list[str]) -> Color:
    return from_hsv(_turn(numbers[0]), _percent(numbers[1]), _percent(numbers[2]))


def _cmyk(numbers: list[str]) -> Color:
    inks = [_percent(number) for number in numbers]
    if any(inks) and max(inks) <= _ONE_PERCENT and not any("%" in number for number in numbers):
        raise ToolError("ambiguous", "color: parts of 1 or percentages? write 1% or device-cmyk(1 0 0 0)")
    return from_cmyk(*inks)


def _device_cmyk(numbers: list[str]) -> Color:
    """Read the notation of CSS Color 5, section 7: numbers are parts of 1."""
    return from_cmyk(*(_scaled(number, 1, "device-cmyk is 0 to 1 or 0% to 100%") for number in numbers))


def _percent(text: str) -> Fraction:
    """Fraction of 1, with or without the percent sign."""
    return _scaled(text, 100, "percentages are 0 to 100")


def _scaled(text: str, whole: int, bounds: str) -> Fraction:
    found = _NUMBER.fullmatch(text)
    if found is None or found[2] in ("deg", "°"):
        raise ToolError("invalid_argument", f"color: {bounds}")
    value = Fraction(found[1]) / (100 if found[2] else whole)
    if value > 1:
        raise ToolError("domain_error", f"color: {bounds}")
    return value


def _turn(text: str) -> Fraction:
    """Fraction of a full rotation, from degrees."""
    found = _NUMBER.fullmatch(text.removeprefix("-"))
    if found is None or found[2] == "%":
        raise ToolError("invalid_argument", "color: a hue is a number of degrees")
    degrees = Fraction(found[1]) * (-1 if text.startswith("-") else 1)
    return degrees / 360 % 1


_READERS: Mapping[str, tuple[Notation, int, Reader]] = {
    "rgb": ("rgb", 3, _rgb),
    "hsl": ("hsl", 3, _hsl),
    "hsv": ("hsv", 3, _hsv),
    "hsb": ("hsv", 3, _hsv),
    "cmyk": ("cmyk", 4, _cmyk),
    "device-cmyk": ("cmyk", 4, _device_cmyk),
}
