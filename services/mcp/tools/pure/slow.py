"""Tools that search for their answer: a call may take seconds, and their imports are large."""

from services.mcp.tools.pure import algebra
from services.mcp.tools.pure.tool_registry import ToolRegistry

SLOW = ToolRegistry(algebra.TOOLS)
