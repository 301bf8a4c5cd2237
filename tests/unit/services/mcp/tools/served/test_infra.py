"""The tools about the fleet, against what our own gateway answers."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from libs.testing.scripted_web import reply
from services.mcp.contract import AnswerStyle, AnyServedTool, Arguments, Caller, ToolError
from services.mcp.tools.served.infra import build
from services.mcp.tools.served.infra.metrics import Sample, samples
from services.mcp.tools.served.infra.mission_context import NO_DOCUMENT
from services.mcp.tools.served.infra.settings import InfraSettings
from services.mcp.tools.served.web.outside import Outside
from tests.support.mcp.outside_world import Play, answer, playing

CALLER, ENGLISH, GERMAN = Caller("acme"), AnswerStyle(), AnswerStyle(language="de")
SETTINGS = InfraSettings(infra_url="http://gateway:8002/", infra_key=SecretStr("moe_hidden"))
NAMES = ("node_status", "active_requests", "watchdog_alerts", "mission_context_get")
RUNNING = NAMES[:3]
ANSWERS = {
    "GET gateway:8002/v1/provider-status": answer("providers.json"),
    "GET gateway:8002/metrics": answer("metrics.txt"),
    "GET gateway:8002/ready": answer("ready.json", 503),
}


def tool_named(name: str, outside: Outside, settings: InfraSettings = SETTINGS) -> AnyServedTool:
    return next(tool for tool in build(settings, outside) if tool.name == name)


async def refusal(tool: AnyServedTool, args: Arguments) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await tool.invoke(args, ENGLISH, CALLER)
    return caught.value


@pytest.mark.parametrize("name", RUNNING)
async def test_an_example_gives_exactly_its_result_and_answer(name: str) -> None:
    async with playing(Play(ANSWERS)) as outside:
        tool = tool_named(name, outside)
        example = tool.describe().example
        outcome = await tool.invoke(example.args, ENGLISH, CALLER)
        assert (await tool.invoke(example.args, GERMAN, CALLER)).answer
    assert (outcome.result, outcome.answer) == (example.result, example.answer)


@pytest.mark.parametrize("name", NAMES)
async def test_an_error_example_is_refused_before_anything_is_asked(name: str) -> None:
    play = Play(ANSWERS)
    async with playing(play) as outside:
        tool = tool_named(name, outside)
        described = tool.describe()
        assert (await refusal(tool, described.error_example.args)).code == described.error_example.code
    assert play.asked == []


async def test_the_gateway_is_asked_with_the_key_and_where_servers_are_is_not_shown() -> None:
    play = Play(ANSWERS)
    async with playing(play) as outside:
        outcome = await tool_named("node_status", outside).invoke({"node_name": "local"}, ENGLISH, CALLER)
    assert play.asked[0].headers["authorization"] == "Bearer moe_hidden"
    assert "10.0.0.9" not in outcome.model_dump_json()
    assert "hidden" not in outcome.model_dump_json()


async def test_metrics_have_an_address_of_their_own_that_gets_no_key() -> None:
    play = Play(ANSWERS | {"GET gateway:9470/metrics": answer("metrics.txt")})
    settings = SETTINGS.model_copy(update={"infra_metrics_url": "http://gateway:9470"})
    async with playing(play) as outside:
        await tool_named("active_requests", outside, settings).invoke({}, ENGLISH, CALLER)
    asked = play.asked[0]
    assert (asked.headers["host"], asked.target) == ("gateway:9470", "/metrics")
    assert "authorization" not in asked.headers


async def test_a_server_that_the_gateway_does_not_know_is_not_found() -> None:
    async with playing(Play(ANSWERS)) as outside:
        assert (await refusal(tool_named("node_status", outside), {"node_name": "x"})).code == "not_found"


async def test_a_gateway_without_a_worry_reports_nothing() -> None:
    calm = {"GET gateway:8002/ready": reply(200, b'{"status": "ready", "failing": {}, "degraded": {}}')}
    async with playing(Play(ANSWERS | calm | {"GET gateway:8002/metrics": reply(200, b"")})) as outside:
        outcome = await tool_named("watchdog_alerts", outside).invoke({}, ENGLISH, CALLER)
    assert (outcome.result["alerts"], outcome.answer) == ([], "Nothing is reported.")


async def test_no_more_alerts_are_shown_than_are_wanted_and_all_are_counted() -> None:
    async with playing(Play(ANSWERS)) as outside:
        outcome = await tool_named("watchdog_alerts", outside).invoke({"limit": 1}, ENGLISH, CALLER)
    assert (len(outcome.result["alerts"]), outcome.result["total"]) == (1, 4)  # type: ignore[arg-type]


async def test_what_is_no_gateway_is_told_so() -> None:
    async with playing(Play({"GET ": reply(200, b"moe_joins_open 1\n")})) as outside:
        assert (await refusal(tool_named("active_requests", outside), {})).code == "outside_failed"
        assert (await refusal(tool_named("node_status", outside), {})).code == "outside_failed"
        assert (await refusal(tool_named("watchdog_alerts", outside), {})).code == "outside_failed"


async def test_without_a_gateway_tools_are_listed_and_say_which_setting_is_missing() -> None:
    async with playing(Play({})) as outside:
        tools = build(InfraSettings(), outside)
    assert tuple(tool.name for tool in tools) == NAMES
    assert all((tool.unavailable or "").startswith("MOE_INFRA_URL") for tool in tools[:3])
    assert tools[3].unavailable == NO_DOCUMENT


def test_metrics_are_read_as_the_official_client_writes_them() -> None:
    registry = CollectorRegistry()
    Gauge("some_gauge", "A gauge", registry=registry).set(3)
    counter = Counter("some_total", "A counter", ["service", "error"], registry=registry)
    labels = ("plan,ner", 'a "quoted\\ }{ one,\n b="c"')
    counter.labels(*labels).inc(2)
    text = generate_latest(registry).decode()
    found = samples(text, frozenset({"some_gauge", "some_total"}))
    assert [(one.name, set(one.labels), one.value) for one in found] == [
        ("some_gauge", set(), 3.0),
        ("some_total", set(labels), 2.0),
    ]
    official = [one for family in text_string_to_metric_families(text) for one in family.samples]
    assert set(labels) in [set(one.labels.values()) for one in official]


def test_lines_that_are_no_samples_are_left_out() -> None:
    text = 'x NaN\nx +Inf\nx 1\nx\nx y\nx{a="b} 2\nx{a="' + "b" * 3000 + '"} 3\n'
    assert samples(text, frozenset({"x"})) == (Sample("x", (), 1.0),)
