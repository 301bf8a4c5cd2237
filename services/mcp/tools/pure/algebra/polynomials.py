"""Polynomials in one variable over the rationals: coefficients from the constant term up, none zero at the end."""

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import TypeAlias

Polynomial: TypeAlias = tuple[Fraction, ...]

ZERO: Polynomial = ()
ONE: Polynomial = (Fraction(1),)
IDENTITY: Polynomial = (Fraction(0), Fraction(1))


def polynomial(coefficients: Iterable[Fraction | int]) -> Polynomial:
    """Polynomial of the coefficients, constant term first."""
    trimmed = [Fraction(coefficient) for coefficient in coefficients]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return tuple(trimmed)


def degree(value: Polynomial) -> int:
    """-1 for zero."""
    return len(value) - 1


def add(left: Polynomial, right: Polynomial) -> Polynomial:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    return polynomial([*(a + b for a, b in zip(longer, shorter, strict=False)), *longer[len(shorter) :]])


def scale(value: Polynomial, factor: Fraction) -> Polynomial:
    return polynomial(coefficient * factor for coefficient in value)


def subtract(left: Polynomial, right: Polynomial) -> Polynomial:
    return add(left, scale(right, Fraction(-1)))


def multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    if not left or not right:
        return ZERO
    product = [Fraction(0)] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    return polynomial(product)


def power(base: Polynomial, exponent: int) -> Polynomial:
    return reduce(multiply, [base] * exponent, ONE)


def divide(left: Polynomial, right: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder; `right` is not zero."""
    rest = list(left)
    quotient = [Fraction(0)] * max(0, len(left) - len(right) + 1)
    for shift in range(len(left) - len(right), -1, -1):
        factor = rest[shift + len(right) - 1] / right[-1]
        quotient[shift] = factor
        for i, coefficient in enumerate(right):
            rest[shift + i] -= factor * coefficient
    return polynomial(quotient), polynomial(rest)


def evaluate(value: Polynomial, x: Fraction) -> Fraction:
    """Value at x, by Horner's scheme."""
    return reduce(lambda total, coefficient: total * x + coefficient, reversed(value), Fraction(0))


def derivative(value: Polynomial) -> Polynomial:
    return polynomial(i * coefficient for i, coefficient in enumerate(value) if i)


def primitive(value: Polynomial) -> Polynomial:
    """Multiple with coprime integer coefficients and a positive leading one; zero stays zero."""
    if not value:
        return ZERO
    multiple = lcm(*(coefficient.denominator for coefficient in value))
    content = gcd(*(int(coefficient * multiple) for coefficient in value))
    return scale(value, Fraction(multiple, content if value[-1] > 0 else -content))


def common_divisor(left: Polynomial, right: Polynomial) -> Polynomial:
    """Greatest common divisor in primitive form, by Euclid's algorithm."""
    while right:
        left, right = right, primitive(divide(left, right)[1])
    return primitive(left)


def without_roots_of(value: Polynomial, other: Polynomial) -> Polynomial:
    """`value` divided by every factor that it shares with `other`."""
    while degree(shared := common_divisor(value, other)) > 0:
        value = divide(value, shared)[0]
    return value


def polynomial_text(value: Polynomial, variable: str) -> str:
    """Write a polynomial with the highest power first: 2*x^2 - x/3 + 1."""
    terms = [_term(value[i], i, variable) for i in range(len(value) - 1, -1, -1) if value[i]]
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _term(coefficient: Fraction, exponent: int, variable: str) -> str:
    if not exponent:
        return str(coefficient)
    factor = variable if exponent == 1 else f"{variable}^{exponent}"
    numerator = {1: factor, -1: f"-{factor}"}.get(coefficient.numerator, f"{coefficient.numerator}*{factor}")
    return numerator if coefficient.denominator == 1 else f"{numerator}/{coefficient.denominator}"
