"""Planned tools are those that the operator serves and the caller may use, however each was named."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import Nodes, loaded_template
from libs.contracts.plan import ToolCall
from libs.contracts.staffing import Staffing
from libs.contracts.template import ExpertTemplate, TemplateExpert
from libs.contracts.tool import RunTool
from libs.ports.identity import Caller, GrantKind, Grants
from libs.testing.fake_llm import FakeLLM
from services.gateway.domain.routing.model_resolver import ModelResolver, resolve_model
from services.planner.domain.offer import PURE_TOOLS, TOOLS, Capabilities, plannable_tools, with_staffing
from services.planner.handlers import draft_plan
from tests.support.planner.questions import asked, deps, plan, task

MODE: tuple[GrantKind, str] = ("moe_mode", "*")
TEMPLATE: tuple[GrantKind, str] = ("expert_template", "*")
NAMES = tuple(tool.name for tool in TOOLS)
SERVED = tuple(tool.name for tool in TOOLS if tool.served)
names = st.frozensets(st.sampled_from(NAMES))
grants = st.one_of(names, names.map(lambda some: some | {"*"}), st.just(frozenset(NAMES)))
CALLS = {
    "calculate": {"expression": "1+1"},
    "date_diff": {"start": "2024-01-01", "end": "2024-02-01"},
    "wikipedia_search": {"query": "Rust"},
    "repo_map": {},
}


def defaults_of(served: frozenset[str]) -> Capabilities:
    return Capabilities(tools=tuple(tool for tool in TOOLS if not tool.served or tool.name in served))


def staffing_of(granted: frozenset[str], template: frozenset[str] = frozenset()) -> Staffing | None:
    """Staffing that the gateway sends with a question of a caller with these grants and this template."""
    document = ExpertTemplate(
        id="t", name="T", experts={"general": TemplateExpert(mcp_tools=tuple(sorted(template)))} if template else {}
    )
    menu = ModelResolver(TemplateSnapshot().with_templates([("acme", loaded_template(document, 1, Nodes(("gpu",))))]))
    tools: frozenset[tuple[GrantKind, str]] = frozenset(("mcp_tool", name) for name in granted)
    caller = Caller("acme", user="ann", key_id="k1", grants=Grants(tools | {MODE, TEMPLATE}))
    return resolve_model("t" if template else "moe-orchestrator", caller, menu).staffing


def allowed(granted: frozenset[str]) -> frozenset[str]:
    return frozenset(NAMES) if "*" in granted else granted


@given(grants, names)
def test_what_is_planned_for_is_granted_and_served(granted: frozenset[str], served: frozenset[str]) -> None:
    defaults = defaults_of(served)
    planned = with_staffing(defaults, staffing_of(granted)).tools
    assert [tool.name for tool in planned] == [tool.name for tool in defaults.tools if tool.name in allowed(granted)]


@given(grants, names, names.filter(bool))
def test_a_template_adds_no_tool(granted: frozenset[str], served: frozenset[str], named: frozenset[str]) -> None:
    defaults = defaults_of(served)
    planned = {tool.name for tool in with_staffing(defaults, staffing_of(granted, named)).tools}
    assert planned == {tool.name for tool in defaults.tools} & allowed(granted) & named


@given(names, names)
@settings(max_examples=50)
async def test_neither_a_recognised_call_nor_a_model_s_plan_runs_another(
    granted: frozenset[str], served: frozenset[str]
) -> None:
    defaults, staffing = defaults_of(served), staffing_of(granted)
    event = asked().model_copy(update={"staffing": staffing}).bound(asked().envelope)
    calls = [task("Do it.", "precision_tools", mcp_tool=tool, mcp_args=args) for tool, args in CALLS.items()]
    recognised = (ToolCall(tool="calculate", arguments={"expression": "1+1"}),)
    for equipped in (deps(FakeLLM(plan(*calls)), defaults), deps(FakeLLM(plan(*calls)), defaults, recognised)):
        planned = [each.call.tool for each in await draft_plan(event, equipped) if isinstance(each, RunTool)]
        assert set(planned) <= {tool.name for tool in plannable_tools(defaults.tools, granted)}


async def test_a_model_is_told_of_no_tool_that_is_not_served() -> None:
    granted, served = frozenset(SERVED), frozenset(SERVED[:1])
    llm = FakeLLM(plan(task("Explain.")))
    event = asked().model_copy(update={"staffing": staffing_of(granted)}).bound(asked().envelope)
    await draft_plan(event, deps(llm, defaults_of(served)))
    told = llm.requests[0].messages[0].content + json.dumps(llm.requests[0].json_schema)
    assert [name for name in SERVED if f"{name}(" in told or f'"{name}"' in told] == [SERVED[0]]


def test_a_grant_of_every_tool_by_name_is_worth_as_much_as_one_of_all() -> None:
    by_name = with_staffing(Capabilities(), Staffing(tools=NAMES)).tools
    assert by_name == with_staffing(Capabilities(), None).tools == PURE_TOOLS
