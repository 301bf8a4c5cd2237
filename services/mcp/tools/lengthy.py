"""The tools that search for their answer, and may take seconds: what they load is large, too."""

from services.mcp.tools import algebra
from services.mcp.tools.shelf import Shelf

LENGTHY = Shelf(algebra.TOOLS)
