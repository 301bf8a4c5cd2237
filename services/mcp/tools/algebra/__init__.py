"""Exact algebra."""

from services.mcp.tools.algebra.differentiate import DIFFERENTIATE
from services.mcp.tools.algebra.integrate import INTEGRATE
from services.mcp.tools.algebra.limit_of import LIMIT_OF
from services.mcp.tools.algebra.linear_system import LINEAR_SYSTEM
from services.mcp.tools.algebra.matrix_calc import MATRIX_CALC
from services.mcp.tools.algebra.simplify_expression import SIMPLIFY_EXPRESSION
from services.mcp.tools.algebra.solve_equation import SOLVE_EQUATION
from services.mcp.tools.contract import AnyTool

TOOLS: tuple[AnyTool, ...] = (
    SOLVE_EQUATION,
    MATRIX_CALC,
    LINEAR_SYSTEM,
    DIFFERENTIATE,
    INTEGRATE,
    LIMIT_OF,
    SIMPLIFY_EXPRESSION,
)
