"""The tools whose cost is known beforehand: they answer in milliseconds."""

from itertools import chain

from services.mcp.tools.pure import (
    arithmetic,
    codes,
    data,
    dates,
    finance,
    networks,
    statistics,
    structures,
    text,
    units,
)
from services.mcp.tools.pure.tool_registry import ToolRegistry

FAMILIES = (arithmetic, finance, statistics, units, dates, codes, text, data, networks, structures)
QUICK = ToolRegistry(chain.from_iterable(family.TOOLS for family in FAMILIES))
