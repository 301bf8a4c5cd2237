"""Every research tool against a server that answers in the genuine formats: examples, refusals, failures."""

import asyncio

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # untyped there

from libs.testing.every import for_every
from libs.testing.scripted_web import reply
from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError
from services.mcp.tools.served.research import build
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.web.outside import WEB_IS_OFF, Outside
from tests.support.mcp.outside_world import Play, playing
from tests.support.mcp.research_responses import ANSWERS, SETTINGS

CALLER = Caller("acme")
STYLES = (AnswerStyle(language="en"), AnswerStyle(language="de"))
NAMES = (
    *("web_search_domain", "duckduckgo_search", "web_browser", "wayback_fetch", "wikipedia_get_section"),
    *("wikidata_search", "wikidata_sparql", "crossref_lookup", "openalex_search", "semantic_scholar_search"),
    *("pubmed_search", "orcid_works_count", "pubchem_compound_search", "pubchem_advanced_search"),
    *("github_get_issue", "github_issue_events", "github_search_issues", "youtube_transcript"),
)


OWN_SERVICES = {"web_search_domain": "SEARXNG_URL", "web_browser": "MOE_SPLASH_URL"}


def tool_named(name: str, outside: Outside) -> AnyServedTool:
    return next(tool for tool in build(SETTINGS, outside) if tool.name == name)


async def refused(tool: AnyServedTool) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await tool.invoke(tool.describe().example.args, STYLES[0], CALLER)
    return caught.value


async def test_the_family_lists_all_of_its_tools() -> None:
    async with playing(Play({})) as outside:
        assert tuple(tool.name for tool in build(SETTINGS, outside)) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_an_example_gives_exactly_its_result_and_answer(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        tool = tool_named(name, outside)
        described = tool.describe()
        outcome = await tool.invoke(described.example.args, STYLES[0], CALLER)
    assert outcome.result == described.example.result
    assert outcome.answer == described.example.answer
    Draft202012Validator(described.output_schema).validate(outcome.result)


@pytest.mark.parametrize("name", NAMES)
async def test_an_error_example_is_refused_before_anything_is_asked(name: str) -> None:
    play = Play(ANSWERS)
    async with playing(play) as outside:
        tool = tool_named(name, outside)
        with pytest.raises(ToolError) as caught:
            await tool.invoke(tool.describe().error_example.args, STYLES[0], CALLER)
    assert caught.value.code == tool.describe().error_example.code
    assert play.asked == []


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("openalex_search", "year_min", "year_max"), ("orcid_works_count", "after_year", "before_year")],
)
async def test_years_in_the_wrong_order_are_refused_before_anything_is_asked(name: str, first: str, last: str) -> None:
    play = Play(ANSWERS)
    async with playing(play) as outside:
        tool = tool_named(name, outside)
        with pytest.raises(ToolError, match=rf"^{first}: is later than {last}$") as caught:
            await tool.invoke({**tool.describe().example.args, first: 2021, last: 2020}, STYLES[0], CALLER)
    assert (caught.value.code, play.asked) == ("invalid_argument", [])


@for_every(
    name=[name for name in NAMES if name != "web_browser"],  # to it, all text is a page
    said=[
        b"",
        b"[1]",
        b"{}",
        b"null",
        b'{"results": 1, "search": 2, "data": 3}',
        b"<html>hello</html>",
        b"\xff\xfe{",
        b"[" * 9000,
    ],
)
async def test_an_answer_in_another_form_is_a_clean_failure(name: str, said: bytes) -> None:
    async with playing(Play({"GET ": reply(200, said), "POST ": reply(200, said)})) as outside:
        tool = tool_named(name, outside)
        error = await refused(tool)
    assert error.code in {"outside_failed", "not_found"}
    assert len(str(error)) < 200


@for_every(name=NAMES, status=[404, 403, 429, 500])
async def test_an_error_of_the_service_is_a_clean_failure(name: str, status: int) -> None:
    async with playing(Play({"GET ": reply(status, b"no"), "POST ": reply(status, b"no")})) as outside:
        assert (await refused(tool_named(name, outside))).code == ("not_found" if status == 404 else "outside_failed")


@pytest.mark.parametrize("name", NAMES)
async def test_without_the_operators_word_a_tool_is_listed_and_says_why_it_does_not_run(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        off = Outside(outside.web, outside.service, web_is_on=False)
        expected = None if name in OWN_SERVICES else WEB_IS_OFF
        assert tool_named(name, off).unavailable == expected
        assert tool_named(name, off).describe().unavailable == expected
        assert tool_named(name, outside).unavailable is None


@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_is_one_sentence_in_both_languages(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        tool = tool_named(name, outside)
        said = [(await tool.invoke(tool.describe().example.args, style, CALLER)).answer for style in STYLES]
    assert all(0 < len(one) < 1_500 and "\n" not in one for one in said)


@pytest.mark.parametrize("name", NAMES)
async def test_a_tool_says_that_it_asks_the_world_and_changes_nothing(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        annotations = tool_named(name, outside).describe().annotations
    assert (annotations.read_only, annotations.idempotent, annotations.open_world) == (True, True, True)


@pytest.mark.parametrize("name", NAMES)
async def test_no_secret_is_in_a_result_or_a_description(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        tool = tool_named(name, outside)
        outcome = await tool.invoke(tool.describe().example.args, STYLES[0], CALLER)
        assert "ghp_hidden" not in outcome.model_dump_json() + tool.describe().model_dump_json() + repr(tool)


async def test_all_tools_at_once_share_one_fetcher_and_all_answer() -> None:
    async with playing(Play(ANSWERS)) as outside:
        tools = build(SETTINGS, outside)
        calls = (tool.invoke(tool.describe().example.args, STYLES[1], CALLER) for tool in tools)
        assert len(await asyncio.gather(*calls)) == len(NAMES)


@pytest.mark.parametrize("name", OWN_SERVICES)
async def test_what_needs_a_service_of_ours_says_which_setting_is_missing(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        tool = next(tool for tool in build(ResearchSettings(), outside) if tool.name == name)
    assert (tool.unavailable or "").startswith(OWN_SERVICES[name])
