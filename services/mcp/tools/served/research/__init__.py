"""Looking things up on the public web: search, encyclopaedias, papers, compounds, issues, archives, transcripts."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.research.github import github_tools
from services.mcp.tools.served.research.literature import literature_tools
from services.mcp.tools.served.research.pubchem import pubchem_tools
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.research.websearch import websearch_tools
from services.mcp.tools.served.research.wiki import wiki_tools
from services.mcp.tools.served.research.youtube import youtube_transcript
from services.mcp.tools.served.web.outside import Outside


def build(settings: ResearchSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Contacts no server."""
    return (
        *websearch_tools(settings, outside),
        *wiki_tools(outside),
        *literature_tools(outside),
        *pubchem_tools(outside),
        *github_tools(settings, outside),
        youtube_transcript(outside),
    )
