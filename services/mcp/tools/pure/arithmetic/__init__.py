"""Exact arithmetic."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.arithmetic.base_convert import BASE_CONVERT
from services.mcp.tools.pure.arithmetic.bit_operations import BIT_OPERATIONS
from services.mcp.tools.pure.arithmetic.gcd_lcm import GCD_LCM
from services.mcp.tools.pure.arithmetic.prime_factorize import PRIME_FACTORIZE
from services.mcp.tools.pure.arithmetic.roman_numeral import ROMAN_NUMERAL
from services.mcp.tools.pure.calculate.tool import CALCULATE

TOOLS: tuple[AnyTool, ...] = (CALCULATE, PRIME_FACTORIZE, GCD_LCM, ROMAN_NUMERAL, BASE_CONVERT, BIT_OPERATIONS)
