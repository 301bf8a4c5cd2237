"""The tools for tasks against Linear, GitHub and a webhook, each in its genuine format."""

import asyncio

import orjson
import pytest
from pydantic import SecretStr

from libs.testing.every import for_every
from libs.testing.scripted_web import WebRequest, reply
from services.mcp.contract import AnswerStyle, AnyServedTool, Arguments, Caller, ToolError
from services.mcp.tools.served.tasks import build
from services.mcp.tools.served.tasks.settings import TaskSettings
from services.mcp.tools.served.web.outside import Outside
from tests.support.mcp.outside_world import Play, answer, playing

CALLER, ENGLISH, GERMAN = Caller("acme"), AnswerStyle(), AnswerStyle(language="de")
TEAM = "b0d4a1e6-0000-4000-8000-00000000000a"
NAMES = ("pm_create_task", "pm_list_tasks", "pm_update_task", "pm_search_tasks")
LINEAR = TaskSettings(pm_provider="linear", pm_token=SecretStr("lin_api_hidden"), pm_team=TEAM)
GITHUB = TaskSettings(pm_provider="github", pm_token=SecretStr("ghp_hidden"), pm_repository="octocat/Hello-World")
WEBHOOK = TaskSettings(
    pm_provider="webhook",
    pm_token=SecretStr("bearer_hidden"),
    pm_webhook_url=SecretStr("http://tasks:9000/hook/path_hidden"),
)
ISSUES = "api.github.com/repos/octocat/Hello-World/issues"
GITHUB_ANSWERS = {
    f"POST {ISSUES}": answer("github_task.json", 201),
    f"GET {ISSUES}?": answer("github_tasks.json"),
    f"GET {ISSUES}/7": answer("github_task.json"),
    f"PATCH {ISSUES}/7": answer("github_task_closed.json"),
    f"POST {ISSUES}/7/comments": reply(201, b'{"id": 1, "body": "Done."}'),
    "GET api.github.com/search/issues?": answer("github_found.json"),
}


def tool_named(name: str, settings: TaskSettings, outside: Outside) -> AnyServedTool:
    return next(tool for tool in build(settings, outside) if tool.name == name)


async def refusal(tool: AnyServedTool, args: Arguments) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await tool.invoke(args, ENGLISH, CALLER)
    return caught.value


@pytest.mark.parametrize("name", NAMES)
async def test_an_example_gives_exactly_its_result_and_answer_on_github(name: str) -> None:
    async with playing(Play(GITHUB_ANSWERS)) as outside:
        tool = tool_named(name, GITHUB, outside)
        example = tool.describe().example
        outcome = await tool.invoke(example.args, ENGLISH, CALLER)
        german = await tool.invoke(example.args, GERMAN, CALLER)
    assert (outcome.result, outcome.answer) == (example.result, example.answer)
    assert german.answer


@pytest.mark.parametrize("name", NAMES)
async def test_an_error_example_is_refused_before_anything_is_asked(name: str) -> None:
    play = Play(GITHUB_ANSWERS)
    async with playing(play) as outside:
        tool = tool_named(name, GITHUB, outside)
        described = tool.describe()
        assert (await refusal(tool, described.error_example.args)).code == described.error_example.code
    assert play.asked == []


async def test_a_task_on_github_is_an_issue_with_a_label_for_its_priority() -> None:
    play = Play(GITHUB_ANSWERS)
    args = {"title": "Check the backups", "labels": "ops, disk", "priority": "high", "assignee": "octocat"}
    async with playing(play) as outside:
        await tool_named("pm_create_task", GITHUB, outside).invoke(args, ENGLISH, CALLER)
    (request,) = play.asked
    body = orjson.loads(request.body)
    assert body["labels"] == ["ops", "disk", "priority: high"]
    assert body["assignees"] == ["octocat"]
    assert request.headers["authorization"] == "Bearer ghp_hidden"


@for_every(case=(("pm_list_tasks", {}), ("pm_search_tasks", {"query": "door"})))
async def test_one_to_fifty_tasks_may_be_asked_for(case: tuple[str, Arguments]) -> None:
    name, args = case
    async with playing(Play(GITHUB_ANSWERS)) as outside:
        tool = tool_named(name, GITHUB, outside)
        for limit in (1, 50):
            await tool.invoke({**args, "limit": limit}, ENGLISH, CALLER)
        for limit in (0, 51):
            assert (await refusal(tool, {**args, "limit": limit})).code == "invalid_argument"


async def test_a_status_and_a_comment_on_github_are_two_requests() -> None:
    play = Play(GITHUB_ANSWERS)
    async with playing(play) as outside:
        update = tool_named("pm_update_task", GITHUB, outside)
        await update.invoke({"task_id": "#7", "status": "Closed", "comment": "Done."}, ENGLISH, CALLER)
    assert play.lines() == [f"POST {ISSUES}/7/comments", f"PATCH {ISSUES}/7"]
    assert orjson.loads(play.asked[1].body) == {"state": "closed"}


@pytest.mark.parametrize("args", [{"task_id": "OPS-1", "status": "closed"}, {"task_id": "7", "status": "In Progress"}])
async def test_what_github_does_not_have_is_refused_before_anything_is_asked(args: Arguments) -> None:
    play = Play(GITHUB_ANSWERS)
    async with playing(play) as outside:
        assert (await refusal(tool_named("pm_update_task", GITHUB, outside), args)).code == "invalid_argument"
    assert play.asked == []


async def test_pull_requests_are_no_tasks() -> None:
    async with playing(Play(GITHUB_ANSWERS)) as outside:
        outcome = await tool_named("pm_list_tasks", GITHUB, outside).invoke({}, ENGLISH, CALLER)
    assert [task["id"] for task in outcome.result["tasks"]] == ["7"]  # type: ignore[index,union-attr,call-overload]


async def test_words_that_are_searched_for_bring_no_qualifiers() -> None:
    play = Play(GITHUB_ANSWERS)
    async with playing(play) as outside:
        search = tool_named("pm_search_tasks", GITHUB, outside)
        await search.invoke({"query": 'x repo:other/private "y"'}, ENGLISH, CALLER)
    assert "q=x%20repo%20other%2Fprivate%20y%20repo%3Aoctocat%2FHello-World%20is%3Aissue" in play.asked[0].target


class LinearPlay(Play):
    """Linear has one endpoint: the document determines the response."""

    def __init__(self) -> None:
        super().__init__({})
        self._by_word = {
            "issueCreate(": answer("linear_issue.json"),
            "issueLabels(": answer("linear_names.json"),
            "issueUpdate(": answer("linear_update.json"),
            "commentCreate(": answer("linear_comment.json"),
            "searchIssues(": answer("linear_search.json"),
            " issues(": answer("linear_list.json"),
            " issue(id": answer("linear_one.json"),
        }

    async def say(self, request: WebRequest, writer: asyncio.StreamWriter) -> None:
        self.asked.append(request)
        document = orjson.loads(request.body)["query"]
        writer.write(next(said for word, said in self._by_word.items() if word in document))


@pytest.mark.parametrize("name", NAMES)
async def test_each_tool_speaks_linears_graphql(name: str) -> None:
    play = LinearPlay()
    async with playing(play) as outside:
        tool = tool_named(name, LINEAR, outside)
        args = dict(tool.describe().example.args)
        if name == "pm_update_task":
            args = {"task_id": "OPS-12", "status": "done", "comment": "Done."}
        outcome = await tool.invoke(args, ENGLISH, CALLER)
    assert "OPS-12" in outcome.answer
    assert all(request.headers["authorization"] == "lin_api_hidden" for request in play.asked)
    assert all(request.target == "/graphql" for request in play.asked)


async def test_names_become_linears_ids_and_travel_as_variables() -> None:
    play = LinearPlay()
    args = {"title": 'x"}) { evil }', "labels": "OPS", "assignee": "ada@example.org", "priority": "urgent"}
    async with playing(play) as outside:
        await tool_named("pm_create_task", LINEAR, outside).invoke(args, ENGLISH, CALLER)
    asked = orjson.loads(play.asked[1].body)
    content = asked["variables"]["input"]
    assert "evil" not in asked["query"]
    assert (content["teamId"], content["priority"], content["title"]) == (TEAM, 1, args["title"])
    assert content["labelIds"] == ["b0d4a1e6-0000-4000-8000-000000000001"]
    assert content["assigneeId"] == "b0d4a1e6-0000-4000-8000-000000000002"


async def test_a_name_that_linear_does_not_know_makes_no_task() -> None:
    play = LinearPlay()
    async with playing(play) as outside:
        error = await refusal(tool_named("pm_create_task", LINEAR, outside), {"title": "x", "labels": "unheard-of"})
    assert error.code == "not_found"
    assert len(play.asked) == 1


async def test_an_error_of_linear_is_a_clean_failure() -> None:
    async with playing(Play({"POST api.linear.app/graphql": answer("linear_error.json")})) as outside:
        assert (await refusal(tool_named("pm_list_tasks", LINEAR, outside), {})).code == "outside_failed"


@pytest.mark.parametrize("name", NAMES)
async def test_a_webhook_gets_the_action_and_its_url_is_never_shown(name: str) -> None:
    play = Play({"POST tasks:9000/hook/path_hidden": answer("webhook_tasks.json")})
    async with playing(play) as outside:
        tool = tool_named(name, WEBHOOK, outside)
        outcome = await tool.invoke(tool.describe().example.args, ENGLISH, CALLER)
    asked = orjson.loads(play.asked[0].body)
    assert asked["action"] == name.split("_")[1]
    assert play.asked[0].headers["authorization"] == "Bearer bearer_hidden"
    assert "hidden" not in outcome.model_dump_json() + repr(tool)


@for_every(settings=[LINEAR, GITHUB, WEBHOOK], name=NAMES, said=[b"", b"{}", b"[1]", b'{"data": {}}', b'{"tasks": []}'])
async def test_an_answer_in_another_form_is_a_clean_failure(name: str, settings: TaskSettings, said: bytes) -> None:
    verbs = ("GET ", "POST ", "PATCH ")
    async with playing(Play({verb: reply(200, said) for verb in verbs})) as outside:
        tool = tool_named(name, settings, outside)
        if said == b'{"tasks": []}' and settings is WEBHOOK and name in {"pm_list_tasks", "pm_search_tasks"}:
            assert (await tool.invoke(tool.describe().example.args, ENGLISH, CALLER)).result["tasks"] == []
            return
        error = await refusal(tool, tool.describe().example.args)
    assert error.code == "outside_failed"
    assert "hidden" not in str(error)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (TaskSettings(), "MOE_PM_PROVIDER"),
        (TaskSettings(pm_provider="linear"), "MOE_PM_TOKEN"),
        (TaskSettings(pm_provider="linear", pm_token=SecretStr("x")), "MOE_PM_TEAM"),
        (TaskSettings(pm_provider="github", pm_token=SecretStr("x")), "MOE_PM_REPOSITORY"),
        (TaskSettings(pm_provider="webhook"), "MOE_PM_WEBHOOK_URL"),
    ],
    ids=["none", "token", "team", "repository", "url"],
)
async def test_without_its_settings_a_tool_is_listed_and_says_which_one_is_missing(
    settings: TaskSettings, word: str
) -> None:
    async with playing(Play({})) as outside:
        tools = build(settings, outside)
    assert tuple(tool.name for tool in tools) == NAMES
    assert all((tool.unavailable or "").startswith(word) for tool in tools)


async def test_only_tools_that_change_something_say_so() -> None:
    async with playing(Play({})) as outside:
        told = {tool.name: tool.describe().annotations for tool in build(GITHUB, outside)}
    assert {name for name, one in told.items() if not one.read_only} == {"pm_create_task", "pm_update_task"}
    assert {name for name, one in told.items() if not one.idempotent} == {"pm_create_task", "pm_update_task"}
    assert all(one.open_world for one in told.values())
