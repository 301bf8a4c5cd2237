"""PubChem: compounds by name, and by what they weigh and count."""

from services.mcp.served.research.pubchem_advanced import pubchem_advanced_search
from services.mcp.served.research.pubchem_compound import pubchem_compound_search
from services.mcp.served.web.outside import Outside
from services.mcp.tools.contract import AnyServedTool


def pubchem_tools(outside: Outside) -> tuple[AnyServedTool, ...]:
    """Return the tools of PubChem."""
    return pubchem_compound_search(outside), pubchem_advanced_search(outside)
