"""Check digits, identifiers and other short codes."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.codes.color.tool import COLOR_CONVERT
from services.mcp.tools.pure.codes.ean_check import EAN_CHECK
from services.mcp.tools.pure.codes.iban_check import IBAN_CHECK
from services.mcp.tools.pure.codes.isbn_check import ISBN_CHECK
from services.mcp.tools.pure.codes.luhn_check import LUHN_CHECK
from services.mcp.tools.pure.codes.semver_compare import SEMVER_COMPARE
from services.mcp.tools.pure.codes.uuid_facts.tool import UUID_FACTS

TOOLS: tuple[AnyTool, ...] = (
    IBAN_CHECK,
    ISBN_CHECK,
    EAN_CHECK,
    LUHN_CHECK,
    UUID_FACTS,
    SEMVER_COMPARE,
    COLOR_CONVERT,
)
