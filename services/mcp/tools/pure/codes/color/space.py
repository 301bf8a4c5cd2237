"""Exact conversions between colour spaces: all values are fractions from 0 to 1, hues fractions of a turn."""

from fractions import Fraction
from typing import NamedTuple


class Color(NamedTuple):
    """A colour of sRGB."""

    red: Fraction
    green: Fraction
    blue: Fraction


Triple = tuple[Fraction, Fraction, Fraction]
_SIXTH = Fraction(1, 6)


def to_hsl(color: Color) -> Triple:
    """Hue, saturation and lightness. CSS Color 4, section 7.2."""
    high, low = max(color), min(color)
    lightness, chroma = (high + low) / 2, high - low
    saturation = chroma / (1 - abs(2 * lightness - 1)) if chroma else Fraction(0)
    return _hue(color), saturation, lightness


def from_hsl(hue: Fraction, saturation: Fraction, lightness: Fraction) -> Color:
    """Colour of a hue, saturation and lightness."""
    chroma = (1 - abs(2 * lightness - 1)) * saturation
    return _on_the_wheel(hue, chroma, lightness - chroma / 2)


def to_hsv(color: Color) -> Triple:
    """Hue, saturation and value. Smith, Color Gamut Transform Pairs, 1978."""
    high, low = max(color), min(color)
    return _hue(color), (high - low) / high if high else Fraction(0), high


def from_hsv(hue: Fraction, saturation: Fraction, value: Fraction) -> Color:
    """Colour of a hue, saturation and value."""
    chroma = value * saturation
    return _on_the_wheel(hue, chroma, value - chroma)


def to_cmyk(color: Color) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Cyan, magenta, yellow and key: the complement without its grey part."""
    key = 1 - max(color)
    if key == 1:
        return Fraction(0), Fraction(0), Fraction(0), key
    cyan, magenta, yellow = ((1 - channel - key) / (1 - key) for channel in color)
    return cyan, magenta, yellow, key


def from_cmyk(cyan: Fraction, magenta: Fraction, yellow: Fraction, key: Fraction) -> Color:
    """Colour of cyan, magenta, yellow and key."""
    return Color((1 - cyan) * (1 - key), (1 - magenta) * (1 - key), (1 - yellow) * (1 - key))


def _hue(color: Color) -> Fraction:
    red, green, blue = color
    high, chroma = max(color), max(color) - min(color)
    if not chroma:
        return Fraction(0)
    if high == red:
        return (green - blue) / chroma * _SIXTH % 1
    if high == green:
        return ((blue - red) / chroma + 2) * _SIXTH
    return ((red - green) / chroma + 4) * _SIXTH


def _on_the_wheel(hue: Fraction, chroma: Fraction, floor: Fraction) -> Color:
    """Colour of a hue with `chroma` between its highest and lowest channel, and `floor` as the lowest."""
    sector = hue % 1 * 6
    second = chroma * (1 - abs(sector % 2 - 1))
    none = Fraction(0)
    wheel = (
        (chroma, second, none),
        (second, chroma, none),
        (none, chroma, second),
        (none, second, chroma),
        (second, none, chroma),
        (chroma, none, second),
    )
    red, green, blue = wheel[int(sector)]
    return Color(red + floor, green + floor, blue + floor)
