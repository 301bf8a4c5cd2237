"""Looking things up on the public web: search, encyclopaedias, papers, compounds, issues, archives, transcripts."""

from services.mcp.served.research.github import github_tools
from services.mcp.served.research.literature import literature_tools
from services.mcp.served.research.pubchem import pubchem_tools
from services.mcp.served.research.settings import ResearchSettings
from services.mcp.served.research.websearch import websearch_tools
from services.mcp.served.research.wiki import wiki_tools
from services.mcp.served.research.youtube import youtube_transcript
from services.mcp.served.web.outside import Outside
from services.mcp.tools.contract import AnyServedTool


def build(settings: ResearchSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Return the tools of this family. Asks nothing."""
    return (
        *websearch_tools(settings, outside),
        *wiki_tools(outside),
        *literature_tools(outside),
        *pubchem_tools(outside),
        *github_tools(settings, outside),
        youtube_transcript(outside),
    )
