"""PubChem: compounds by name, and by weight and counts."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.research.pubchem_advanced import pubchem_advanced_search
from services.mcp.tools.served.research.pubchem_compound import pubchem_compound_search
from services.mcp.tools.served.web.outside import Outside


def pubchem_tools(outside: Outside) -> tuple[AnyServedTool, ...]:
    return pubchem_compound_search(outside), pubchem_advanced_search(outside)
