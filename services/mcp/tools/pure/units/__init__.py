"""Units, constants and formula masses."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.units.calculation import UNIT_CALCULATE
from services.mcp.tools.pure.units.constant import PHYSICAL_CONSTANT
from services.mcp.tools.pure.units.convert import UNIT_CONVERT
from services.mcp.tools.pure.units.formula import FORMULA_MASS

TOOLS: tuple[AnyTool, ...] = (UNIT_CONVERT, UNIT_CALCULATE, PHYSICAL_CONSTANT, FORMULA_MASS)
