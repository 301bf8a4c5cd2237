"""The tools that search for their answer, and may take seconds: what they load is large, too."""

from services.mcp.tools.pure import algebra
from services.mcp.tools.pure.tool_registry import ToolRegistry

SLOW = ToolRegistry(algebra.TOOLS)
