"""Dimensions as exponents of the base units."""

from typing import TypeAlias

Dimension: TypeAlias = tuple[int, ...]

BASES = ("length", "mass", "time", "current", "temperature", "amount", "luminosity", "angle", "information", "pixels")
SYMBOLS = ("m", "kg", "s", "A", "K", "mol", "cd", "rad", "bit", "pel")
NONE: Dimension = (0,) * len(BASES)


def base(name: str) -> Dimension:
    place = BASES.index(name)
    return tuple([int(other == place) for other in range(len(BASES))])


def times(first: Dimension, second: Dimension) -> Dimension:
    return tuple([a + b for a, b in zip(first, second, strict=True)])


def to_power(dimension: Dimension, exponent: int) -> Dimension:
    return tuple([a * exponent for a in dimension])


def described(dimension: Dimension) -> str:
    """`length / time^2`, or `a pure number`."""
    above = [_powered(name, power) for name, power in zip(BASES, dimension, strict=True) if power > 0]
    below = [_powered(name, -power) for name, power in zip(BASES, dimension, strict=True) if power < 0]
    if not above and not below:
        return "a pure number"
    divided = f" / ({' '.join(below)})" if len(below) > 1 else f" / {below[0]}" if below else ""
    return f"{' '.join(above) or '1'}{divided}"


def coherent_unit(dimension: Dimension) -> str:
    """Product of base units, such as `kg m / s^2`; `1` for a pure number."""
    above = [_powered(symbol, power) for symbol, power in zip(SYMBOLS, dimension, strict=True) if power > 0]
    below = [_powered(symbol, -power) for symbol, power in zip(SYMBOLS, dimension, strict=True) if power < 0]
    divided = f"/({' '.join(below)})" if len(below) > 1 else f"/{below[0]}" if below else ""
    return f"{' '.join(above) or '1'}{divided}"


def _powered(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"
