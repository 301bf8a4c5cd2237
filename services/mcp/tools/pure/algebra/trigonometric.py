"""Equations in sine and cosine of one angle: sin² + cos² = 1 takes the sine away; extraneous roots go later."""

from fractions import Fraction

import sympy

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.expressions import replaced
from services.mcp.tools.pure.algebra.kernels import over, parts_of
from services.mcp.tools.pure.algebra.polynomials import Polynomial, polynomial
from services.mcp.tools.pure.algebra.symbolic import symbol, to_sympy
from services.mcp.tools.pure.calculate.tree import Call, Node, Variable

_SINE, _COSINE = Variable("s"), Variable("c")


def angle_of(node: Node) -> Node | None:
    """The only angle of which the formula has sine, cosine and tangent; None for any other formula."""
    parts = parts_of(node)
    angles = {part.arguments[0] for part in parts if isinstance(part, Call) and part.name in ("sin", "cos", "tan")}
    known = all(isinstance(part, Call) and part.name in ("sin", "cos", "tan") for part in parts)
    return angles.pop() if known and len(angles) == 1 else None


def cosine_polynomial(node: Node, angle: Node) -> Polynomial:
    """Polynomial that is zero at cos(angle) wherever the formula is zero. Raises ToolError(undecided)."""
    names: dict[Node, Node] = {
        Call("sin", (angle,)): _SINE,
        Call("cos", (angle,)): _COSINE,
        Call("tan", (angle,)): over(_SINE, _COSINE),
    }
    sine, cosine = symbol("s"), symbol("c")
    numerator = sympy.fraction(sympy.together(to_sympy(replaced(node, names))))[0]
    resolvent = sympy.resultant(numerator, sine**2 + cosine**2 - 1, sine) if numerator.has(sine) else numerator
    try:
        coefficients = sympy.Poly(resolvent, cosine, domain=sympy.QQ).all_coeffs()
    except sympy.PolynomialError as error:
        raise ToolError("undecided", "this kind of equation is not solved here") from error
    return polynomial(Fraction(str(coefficient)) for coefficient in reversed(coefficients))
