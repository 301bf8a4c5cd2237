"""Money and chances in exact numbers."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.finance.currency_convert import CURRENCY_CONVERT
from services.mcp.tools.pure.finance.decimal_finance import DECIMAL_FINANCE
from services.mcp.tools.pure.finance.exact_probability import EXACT_PROBABILITY

TOOLS: tuple[AnyTool, ...] = (DECIMAL_FINANCE, CURRENCY_CONVERT, EXACT_PROBABILITY)
