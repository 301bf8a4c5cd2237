"""Structured data: queries and validation."""

from services.mcp.tools.contract import AnyTool
from services.mcp.tools.data.jmespath_query.tool import JMESPATH_QUERY
from services.mcp.tools.data.json_query import JSON_QUERY
from services.mcp.tools.data.jsonpath.tool import JSONPATH_QUERY
from services.mcp.tools.data.structured_validate.tool import STRUCTURED_VALIDATE

TOOLS: tuple[AnyTool, ...] = (JSON_QUERY, JSONPATH_QUERY, JMESPATH_QUERY, STRUCTURED_VALIDATE)
