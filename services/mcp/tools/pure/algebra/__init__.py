"""Exact algebra."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.algebra.differentiate import DIFFERENTIATE
from services.mcp.tools.pure.algebra.integrate import INTEGRATE
from services.mcp.tools.pure.algebra.limit_of import LIMIT_OF
from services.mcp.tools.pure.algebra.linear_system import LINEAR_SYSTEM
from services.mcp.tools.pure.algebra.matrix_calc import MATRIX_CALC
from services.mcp.tools.pure.algebra.simplify_expression import SIMPLIFY_EXPRESSION
from services.mcp.tools.pure.algebra.solve_equation import SOLVE_EQUATION

TOOLS: tuple[AnyTool, ...] = (
    SOLVE_EQUATION,
    MATRIX_CALC,
    LINEAR_SYSTEM,
    DIFFERENTIATE,
    INTEGRATE,
    LIMIT_OF,
    SIMPLIFY_EXPRESSION,
)
