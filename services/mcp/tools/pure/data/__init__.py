"""Structured data: queries and validation."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.data.jmespath_query.tool import JMESPATH_QUERY
from services.mcp.tools.pure.data.json_query import JSON_QUERY
from services.mcp.tools.pure.data.jsonpath.tool import JSONPATH_QUERY
from services.mcp.tools.pure.data.structured_validate.tool import STRUCTURED_VALIDATE

TOOLS: tuple[AnyTool, ...] = (JSON_QUERY, JSONPATH_QUERY, JMESPATH_QUERY, STRUCTURED_VALIDATE)
