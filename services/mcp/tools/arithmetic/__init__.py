"""Exact arithmetic."""

from services.mcp.tools.arithmetic.base_convert import BASE_CONVERT
from services.mcp.tools.arithmetic.bit_operations import BIT_OPERATIONS
from services.mcp.tools.arithmetic.gcd_lcm import GCD_LCM
from services.mcp.tools.arithmetic.prime_factorize import PRIME_FACTORIZE
from services.mcp.tools.arithmetic.roman_numeral import ROMAN_NUMERAL
from services.mcp.tools.calculate.tool import CALCULATE
from services.mcp.tools.contract import AnyTool

TOOLS: tuple[AnyTool, ...] = (CALCULATE, PRIME_FACTORIZE, GCD_LCM, ROMAN_NUMERAL, BASE_CONVERT, BIT_OPERATIONS)
