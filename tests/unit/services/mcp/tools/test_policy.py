"""One set of rules decides which tool may run, for every kind of call."""

import subprocess
import sys

import pytest

from libs.contracts.part_source import PartBrief
from libs.contracts.part_sources import command_of
from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.staffing import Staffing
from libs.contracts.tool import RunTool
from libs.core.errors import ConfigurationError, Retryable
from libs.ports.identity import Grants
from services.mcp.contract import Caller, ErrorCode, ToolError
from services.mcp.handlers import Deps, run_tool
from services.mcp.tools.policy import granted
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.served.assembly import served_tools_of
from services.mcp.tools.served.settings import ServedSettings
from services.mcp.tools.toolbox import Toolbox
from tests.unit.libs.contracts.test_failures import ORIGIN

CALL = ToolCall(tool="calculate", arguments={"expression": "1+1"})


class SwitchesOf:
    """Switches set by a test: off, or unknown."""

    def __init__(self, *off: str, unknown: bool = False) -> None:
        self._off, self._unknown = set(off), unknown

    def off(self, name: str) -> bool:
        if self._unknown:
            raise Retryable("nothing was read yet")
        return name in self._off

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        (self._off.discard if on else self._off.add)(name)


def toolbox(*off: str, unknown: bool = False) -> Toolbox:
    """Toolbox whose workers were never started: a call that is let through ends in `worker_lost`."""
    return Toolbox(ToolPools(), switches=SwitchesOf(*off, unknown=unknown))


async def code_of(box: Toolbox, caller: Caller, tool: str = "calculate") -> ErrorCode | str:
    with pytest.raises(ToolError) as caught:
        await box.invoke(tool, {"expression": "1+1"}, caller=caller)
    return caught.value.code


@pytest.mark.parametrize("tools", [(), ("date_diff",)])
async def test_a_tool_that_is_not_granted_is_forbidden_and_not_listed(tools: tuple[str, ...]) -> None:
    caller = Caller("acme", granted(tools))
    assert await code_of(toolbox(), caller) == "forbidden"
    assert [tool.described.name for tool in toolbox().listing_for(caller)] == [*tools]


@pytest.mark.parametrize("tools", [None, ("calculate",)])
async def test_a_tool_that_is_granted_by_name_or_with_all_goes_to_the_workers(tools: tuple[str, ...] | None) -> None:
    assert await code_of(toolbox(), Caller("acme", granted(tools))) == "worker_lost"


async def test_grants_of_another_kind_open_no_tool() -> None:
    grants = Grants(frozenset({("skill", "*"), ("feature", "calculate")}))
    assert await code_of(toolbox(), Caller("acme", grants)) == "forbidden"


async def test_a_tool_that_is_switched_off_is_refused_to_everybody_and_listed_as_such() -> None:
    box, caller = toolbox("calculate"), Caller("acme", granted(None))
    assert await code_of(box, caller) == "disabled"
    assert [tool.described.name for tool in box.listing_for(caller) if not tool.enabled] == ["calculate"]


async def test_while_nobody_can_tell_what_is_off_nothing_runs() -> None:
    box, caller = toolbox(unknown=True), Caller("acme", granted(None))
    assert await code_of(box, caller) == "busy"
    assert box.enabled() is None


@pytest.mark.parametrize(
    ("variable", "tool"), [("MOE_WORKSPACE_TENANTS", "repo_map"), ("MOE_PM_TENANTS", "pm_list_tasks")]
)
@pytest.mark.parametrize(
    ("setting", "tenant", "shared"),
    [
        (None, "default", True),
        (None, "acme", False),
        ("acme, works", "works", True),
        ("acme, works", "default", False),
        ("acme, works", "acm", False),
        (" * ", "anybody", True),
    ],
)
async def test_what_is_the_operator_s_own_is_for_the_tenants_that_the_operator_names(
    variable: str, tool: str, setting: str | None, tenant: str, shared: bool
) -> None:
    settings = ServedSettings.read({variable: setting} if setting else {})
    box, caller = Toolbox(ToolPools(), served_tools_of(settings, 8003).tools), Caller(tenant, granted(None))
    assert await code_of(box, caller, tool) == ("unavailable" if shared else "forbidden")
    assert (tool in [listed.described.name for listed in box.listing_for(caller)]) is shared


@pytest.mark.parametrize("setting", ["", " ", "acme,,works", "acme,*", "**", "acme works"])
def test_tenants_that_cannot_be_read_stop_the_start(setting: str) -> None:
    with pytest.raises(ConfigurationError, match="MOE_PM_TENANTS"):
        ServedSettings.read({"MOE_PM_TENANTS": setting})


async def test_names_of_tools_that_are_not_granted_are_not_suggested() -> None:
    with pytest.raises(ToolError) as caught:
        await toolbox().invoke("calculat", {}, caller=Caller("acme", granted(("date_diff",))))
    assert "calculate" not in str(caught.value)


async def test_an_admin_turns_a_tool_the_other_way() -> None:
    box = toolbox()
    assert not (await box.toggle("calculate", "ada")).enabled
    assert (await box.toggle("calculate", "ada")).enabled
    assert (await box.toggle("calculate", "ada", to=True)).enabled


@pytest.mark.parametrize(
    ("box", "tools", "code"),
    [
        (toolbox("calculate"), None, "disabled"),
        (toolbox(), ("date_diff",), "forbidden"),
        (toolbox(), (), "forbidden"),
    ],
    ids=["switched off", "another is granted", "none is granted"],
)
async def test_a_planned_call_obeys_the_same_rules(box: Toolbox, tools: tuple[str, ...] | None, code: str) -> None:
    said = await run_tool(RunTool(part="p1", call=CALL, tools=tools).opening(ORIGIN), Deps(box))
    assert said.failure is not None
    assert said.failure.code == code


async def test_a_planned_call_waits_while_nobody_can_tell_what_is_off() -> None:
    with pytest.raises(Retryable):
        await run_tool(RunTool(part="p1", call=CALL).opening(ORIGIN), Deps(toolbox(unknown=True)))


def test_what_whoever_asked_may_use_travels_with_the_call() -> None:
    part = PlannedPart(id="p1", kind="tool", task="", call=CALL)
    plan, question = PlanDrafted(parts=(part,), source="model"), Question(text="1+1?")
    few = command_of(part, PartBrief(plan, question, Staffing(tools=("date_diff",))))
    everything = command_of(part, PartBrief(plan, question))
    assert isinstance(few, RunTool)
    assert isinstance(everything, RunTool)
    assert (few.tools, everything.tools) == (("date_diff",), None)


def test_workers_load_neither_the_protocol_nor_a_web_server() -> None:
    modules = (
        "services.mcp.tools.pure.quick_worker",
        "services.mcp.tools.pure.slow_worker",
        "services.mcp.tools.pure.registry",
    )
    told = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True).stdout.split()
    assert "services.mcp.tools.pure.registry" in loaded
    assert not {"mcp", "mcp_types", "starlette", "uvicorn", "httpx", "asyncpg"} & set(loaded)
