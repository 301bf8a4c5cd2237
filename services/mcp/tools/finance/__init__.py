"""Money and chances in exact numbers."""

from services.mcp.tools.contract import AnyTool
from services.mcp.tools.finance.currency_convert import CURRENCY_CONVERT
from services.mcp.tools.finance.decimal_finance import DECIMAL_FINANCE
from services.mcp.tools.finance.exact_probability import EXACT_PROBABILITY

TOOLS: tuple[AnyTool, ...] = (DECIMAL_FINANCE, CURRENCY_CONVERT, EXACT_PROBABILITY)
