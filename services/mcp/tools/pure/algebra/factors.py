"""Irreducible factors over the rationals, by SymPy, multiplied out again before they are believed."""

from collections.abc import Sequence
from functools import reduce

from sympy import ZZ, Poly, Symbol, factor_list

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.polynomials import Polynomial, multiply, polynomial, power, primitive

_X = Symbol("x")


def irreducible_factors(value: Polynomial) -> tuple[tuple[Polynomial, int], ...]:
    """(primitive factor, multiplicity) pairs of a polynomial of degree >= 1, by degree and coefficients."""
    whole = primitive(value)
    integers = [coefficient.numerator for coefficient in reversed(whole)]
    _, found = factor_list(Poly.from_list(integers, _X, domain=ZZ))
    factors = tuple(sorted((_primitive(factor), multiplicity) for factor, multiplicity in found))
    product = reduce(multiply, [power(factor, multiplicity) for factor, multiplicity in factors])
    if primitive(product) != whole:
        raise ToolError("undecided", "the factors do not multiply to the polynomial")
    return tuple(sorted(factors, key=lambda pair: (len(pair[0]), pair)))


def _primitive(factor: Poly) -> Polynomial:
    coefficients: Sequence[object] = factor.all_coeffs()
    return primitive(polynomial(int(str(coefficient)) for coefficient in reversed(coefficients)))
