"""Whatever a model writes into an argument, only the intended service is called, below the intended path."""

import re
from collections.abc import Awaitable

import pytest
from pydantic import JsonValue

from libs.testing.scripted_web import reply
from services.mcp.contract import AnswerStyle, Caller, ToolError, ToolResult
from services.mcp.tools.served.research import build
from tests.support.mcp.outside_world import Play, playing
from tests.support.mcp.research_responses import SETTINGS

WORDS = (
    "../../../etc/passwd",
    "x?y=z#frag",
    "x&db=other&term=y",
    "@127.0.0.1/",
    "http://127.0.0.1/",
    "x\r\nhost: 127.0.0.1\r\n\r\nGET / HTTP/1.1",
    "\\\\127.0.0.1\\x",
    "%2e%2e%2f%00",
    "a\x00b",
    "\u202e\u0000\ud83d\ude00",
    "'; DROP TABLE x; --",
    '"}}{{"',
    "x:y repo:other/private is:pr",
    "127.0.0.1:6379",
    "\uff41\uff0e\uff42\uff0f\uff43",
    "x" * 400,
)
SCHEMES = {
    "wikipedia_get_section": r"GET en\.wikipedia\.org/w/api\.php\?action=parse&",
    "wikidata_search": r"GET www\.wikidata\.org/w/api\.php\?action=wbsearchentities&",
    "wikidata_sparql": r"GET query\.wikidata\.org/sparql\?query=",
    "crossref_lookup": r"GET api\.crossref\.org/works\?query=",
    "openalex_search": r"GET api\.openalex\.org/works\?search=",
    "semantic_scholar_search": r"GET api\.semanticscholar\.org/graph/v1/paper/search\?query=",
    "pubmed_search": r"GET eutils\.ncbi\.nlm\.nih\.gov/entrez/eutils/e(search|summary)\.fcgi\?db=pubmed&",
    "orcid_works_count": r"GET pub\.orcid\.org/v3\.0/0000-",
    "pubchem_compound_search": r"POST pubchem\.ncbi\.nlm\.nih\.gov/rest/pug/compound/(name|cid)/property/|"
    r"GET eutils\.ncbi\.nlm\.nih\.gov/entrez/eutils/esearch\.fcgi\?db=pccompound&",
    "pubchem_advanced_search": r"GET eutils\.ncbi\.nlm\.nih\.gov/entrez/eutils/esearch\.fcgi\?db=pccompound&",
    "github_get_issue": r"GET api\.github\.com/repos/[\w.-]+/[\w.-]+/issues/\d+$",
    "github_issue_events": r"GET api\.github\.com/repos/[\w.-]+/[\w.-]+/issues/\d+/events\?",
    "github_search_issues": r"GET api\.github\.com/search/issues\?q=",
    "web_search_domain": r"GET searxng:8080/search\?q=",
    "duckduckgo_search": r"GET html\.duckduckgo\.com/html/\?q=",
    "web_browser": r"POST splash:8050/render\.html$",
    "wayback_fetch": r"GET archive\.org/wayback/available\?url=",
    "youtube_transcript": r"GET www\.youtube\.com/watch\?v=",
}


@pytest.mark.parametrize("name", SCHEMES)
async def test_words_stay_words(name: str) -> None:
    play = Play({"GET ": reply(200, b"{}"), "POST ": reply(200, b"{}")})
    async with playing(play) as outside:
        tool = next(tool for tool in build(SETTINGS, outside) if tool.name == name)
        example = tool.describe().example.args
        texts = [argument for argument, value in example.items() if isinstance(value, str)]
        for argument in texts:
            for word in WORDS:
                said = await _said(tool.invoke({**example, argument: word}, AnswerStyle(), Caller("acme")))
                assert 0 < len(said) < 1_000
                assert "\n" not in said
    assert [line for line in play.lines() if not re.match(SCHEMES[name], line)] == []
    assert all("\r" not in value for request in play.asked for value in request.headers.values())


async def _said(asked: Awaitable[ToolResult]) -> str:
    try:
        return (await asked).answer
    except ToolError as error:
        return str(error)


async def test_a_query_reaches_its_service_whole() -> None:
    play = Play({"GET ": reply(200, b"{}")})
    word = "x&db=other y?#/ü+%"
    args: dict[str, JsonValue] = {"query": word}
    async with playing(play) as outside:
        tool = next(tool for tool in build(SETTINGS, outside) if tool.name == "crossref_lookup")
        with pytest.raises(ToolError):
            await tool.invoke(args, AnswerStyle(), Caller("acme"))
    assert play.asked[0].target.startswith("/works?query=x%26db%3Dother%20y%3F%23%2F%C3%BC%2B%25&rows=5")
