"""Responses of all services that the research tools call, in their genuine formats."""

from pydantic import SecretStr

from services.mcp.tools.served.research.settings import ResearchSettings
from tests.support.mcp.outside_world import answer

SETTINGS = ResearchSettings(
    searxng_url="http://searxng:8080", splash_url="http://splash:8050", github_token=SecretStr("ghp_hidden")
)
ANSWERS = {
    "GET en.wikipedia.org/w/api.php": answer("wikipedia_sections.json"),
    "GET en.wikipedia.org/w/api.php?action=parse&format=json&formatversion=2&redirects=1&page=Ada%20Lovelace"
    "&prop=text%7Crevid": answer("wikipedia_section.json"),
    "GET www.wikidata.org/w/api.php?action=wbsearchentities": answer("wikidata_search.json"),
    "GET query.wikidata.org/sparql?": answer("wikidata_sparql.json"),
    "GET api.crossref.org/works?": answer("crossref.json"),
    "GET api.openalex.org/works?": answer("openalex.json"),
    "GET api.semanticscholar.org/graph/v1/paper/search?": answer("semantic_scholar.json"),
    "GET eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pubmed": answer("pubmed_esearch.json"),
    "GET eutils.ncbi.nlm.nih.gov/entrez/eutils/esummary.fcgi?db=pubmed": answer("pubmed_esummary.json"),
    "GET eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pccompound": answer("pccompound_esearch.json"),
    "GET pub.orcid.org/v3.0/0000-0002-1825-0097/works": answer("orcid.json"),
    "POST pubchem.ncbi.nlm.nih.gov/rest/pug/compound/": answer("pubchem_properties.json"),
    "GET api.github.com/repos/octocat/Hello-World/issues/1347": answer("github_issue.json"),
    "GET api.github.com/repos/octocat/Hello-World/issues/1347/events": answer("github_events.json"),
    "GET api.github.com/search/issues?": answer("github_search.json"),
    "GET searxng:8080/search?": answer("searxng.json"),
    "GET html.duckduckgo.com/html/?": answer("duckduckgo.html"),
    "GET archive.org/wayback/available?": answer("wayback_available.json"),
    "GET web.archive.org/web/20130919044612id_/http://example.com/": answer("wayback_page.html"),
    "POST splash:8050/render.html": answer("wayback_page.html"),
    "GET www.youtube.com/watch?v=dQw4w9WgXcQ": answer("youtube_watch.html"),
    "POST www.youtube.com/youtubei/v1/player?key=": answer("youtube_player.json"),
    "GET www.youtube.com/api/timedtext?v=dQw4w9WgXcQ": answer("youtube_captions.xml"),
}
