"""Handling of the tasks that a model wrote."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.part_sources import TRACE
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted
from services.planner.domain.draft import from_model, plan_of
from services.planner.domain.offer import EXPERTS, TOOLS, Capabilities
from tests.support.planner.questions import CAPABILITIES, QUESTION, plan, task, tool_task

TEXTS = st.sampled_from(["Explain pools.", "explain  POOLS.", "Compute 15 % of 119.99", "Explain queues.", ""])
NAMES = st.sampled_from(["t1", "t2", "t3", "t4", "t5", "nobody"])
TASKS = st.fixed_dictionaries(
    {
        "task": TEXTS,
        "category": st.sampled_from(["math", "science", "precision_tools", "research", "vision", "legal_advisor"]),
    },
    optional={
        "mcp_tool": st.sampled_from(["calculate", "date_diff", "launch_rocket"]),
        "mcp_args": st.sampled_from([{"expression": "15 % of 119.99"}, {"expression": ""}, {}, None]),
        "id": NAMES,
        "needs": st.lists(NAMES, max_size=4),
    },
)


def drafted(answer: str, capabilities: Capabilities = CAPABILITIES, *, broken_off: bool = False) -> PlanDrafted:
    return plan_of(from_model(answer, QUESTION, capabilities, broken_off=broken_off), capabilities, ())


def parts(*tasks: object) -> tuple[PlannedPart, ...]:
    return drafted(plan(*tasks)).parts


def needs_by_task(*tasks: object) -> dict[str, list[str]]:
    made = parts(*tasks)
    names = {part.id: part.task for part in made}
    return {part.task: [names[need] for need in part.needs] for part in made}


def test_a_plan_of_experts_and_tools() -> None:
    expert, tool = parts(task("Explain pools."), tool_task())
    assert (expert.kind, expert.category, expert.tier, expert.call) == ("expert", "science", "T1", None)
    assert (tool.kind, tool.category) == ("tool", None)
    assert tool.call is not None
    assert (tool.call.tool, tool.call.arguments) == ("calculate", {"expression": "15 % of 119.99"})


def test_a_task_for_another_source_becomes_a_part_of_its_kind() -> None:
    capabilities = replace(CAPABILITIES, sources=(replace(TRACE, offer="traces"),))
    answer = plan(task("Explain pools.", TRACE.kind), task("Explain pools.", "science"))
    assert [(part.kind, part.category) for part in drafted(answer, capabilities).parts] == [
        (TRACE.kind, None),
        ("expert", "science"),
    ]


@pytest.mark.parametrize("category", ["research", "vision", "agentic_coder", "", "nonsense"])
def test_a_category_whose_service_is_not_there_is_general(category: str) -> None:
    assert [part.category for part in parts(task("Explain pools.", category))] == ["general"]


def test_a_fifth_task_is_cut() -> None:
    made = parts(*(task(f"Explain aspect {number}.") for number in range(7)))
    assert [part.task for part in made] == [f"Explain aspect {number}." for number in range(4)]


def test_a_repeated_task_is_done_once_and_both_its_names_are_found() -> None:
    needs = needs_by_task(task("Explain pools."), task("explain  POOLS.", "math"), task("Compare.", needs=["t2"]))
    assert needs == {"Explain pools.": [], "Compare.": ["Explain pools."]}


def test_duplicates_do_not_push_a_task_out() -> None:
    made = parts(*[task("Explain pools.")] * 6, task("Explain queues."))
    assert [part.task for part in made] == ["Explain pools.", "Explain queues."]


@pytest.mark.parametrize("order", [1, -1])
def test_precision_beats_math_for_the_same_item(order: int) -> None:
    tasks = [task("What are 15 percent of 119.99?", "math"), tool_task()][::order]
    assert [part.kind for part in parts(*tasks)] == ["tool"]


def test_math_about_another_item_stays() -> None:
    made = parts(tool_task("12^2", "Square 12"), task("Prove that x^2 is convex.", "math"))
    assert [part.kind for part in made] == ["tool", "expert"]


def test_who_needs_the_math_gets_the_tool() -> None:
    needs = needs_by_task(
        task("Compute 15 % of 119.99 by hand", "math", id="m"), tool_task(), task("Explain the sum.", needs=["m"])
    )
    assert needs["Explain the sum."] == ["Compute 15 % of 119.99"]


def test_one_tool_call_is_made_once() -> None:
    assert len(parts(tool_task(), tool_task(text="Again: 15 % of 119.99"))) == 1


@pytest.mark.parametrize(
    "call",
    [
        {"mcp_tool": "launch_rocket", "mcp_args": {"expression": "1"}},
        {"mcp_tool": "calculate"},
        {"mcp_tool": "calculate", "mcp_args": {"expression": ""}},
        {"mcp_tool": "calculate", "mcp_args": {"expression": None}},
        {"mcp_tool": "calculate", "mcp_args": ["1"]},
        {"mcp_tool": "date_diff", "mcp_args": {"date1": "2024-01-01"}},
        {},
    ],
)
def test_a_wrong_tool_call_leaves_the_task_to_an_expert(call: dict[str, object]) -> None:
    (part,) = parts(task("Compute one.", "precision_tools", **call))
    assert (part.kind, part.category, part.task) == ("expert", "general", "Compute one.")


def test_a_tool_is_called_with_the_arguments_that_it_knows() -> None:
    (part,) = parts(task("x", mcp_tool="calculate", mcp_args={"expression": "1", "digits": "3"}))
    assert part.call is not None
    assert part.call.arguments == {"expression": "1"}


def test_needs_are_kept_in_any_order_of_the_tasks() -> None:
    needs = needs_by_task(task("Sum up.", needs=["b"]), task("Explain.", id="b"))
    assert needs == {"Sum up.": ["Explain."], "Explain.": []}


def test_needs_of_nobody_and_of_itself_are_dropped() -> None:
    assert needs_by_task(task("Explain.", id="a", needs=["a", "z", "t9"])) == {"Explain.": []}


def test_a_need_that_closes_a_circle_is_dropped() -> None:
    needs = needs_by_task(
        task("A.", id="a", needs=["b"]), task("B.", id="b", needs=["c"]), task("C.", id="c", needs=["a"])
    )
    assert needs == {"A.": ["B."], "B.": ["C."], "C.": []}


def test_needs_of_a_task_that_was_cut_are_dropped() -> None:
    cut = [task(f"Explain aspect {number}.") for number in range(4)]
    needs = needs_by_task(task("Sum up.", needs=["t5"]), *cut)
    assert needs["Sum up."] == []


def test_an_id_names_the_content_of_its_part() -> None:
    first, second = parts(task("Explain pools."), task("Explain queues."))
    assert first.id.startswith("p1-")
    assert second.id.startswith("p2-")
    assert len(first.id) == len("p1-") + 8
    assert parts(task("Explain pools."))[0].id == first.id
    others = [
        parts(task("Explain pools!")),
        parts(task("Explain pools.", "math")),
        parts(tool_task(text="Explain pools.")),
    ]
    assert first.id not in {part.id for made in others for part in made}
    assert parts(tool_task("1"))[0].id != parts(tool_task("2"))[0].id


@pytest.mark.parametrize("category", ["medical_consult", "legal_advisor"])
def test_categories_that_can_hurt_somebody_are_named_for_the_critic(category: str) -> None:
    assert drafted(plan(task("Advise.", category), task("Explain."))).critic == (category,)
    assert drafted(plan(task("Explain."))).critic == ()


def test_reasoning_prefers_a_large_model_where_there_is_one() -> None:
    answer = plan(task("Weigh it.", "reasoning"), task("Explain.", "science"))
    with_large = Capabilities(large=frozenset({"reasoning", "science"}))
    assert [part.tier for part in drafted(answer, with_large).parts] == ["T2", "T1"]
    assert [part.tier for part in drafted(answer).parts] == ["T1", "T1"]


@pytest.mark.parametrize(
    "answer", ["", "Sorry, no.", '{"tasks": []}', '["pools"]', "{}", '{"tasks": [{"mcp_tool": "x"}]}']
)
def test_garbage_falls_back_to_the_question_itself(answer: str) -> None:
    made = drafted(answer)
    assert made.source == "fallback"
    assert made.note
    assert [(part.category, part.task) for part in made.parts] == [("general", QUESTION.text)]


def test_a_plan_that_broke_off_asks_the_question_as_a_whole_besides() -> None:
    made = drafted(plan(task("Explain pools."), task("Explain"))[:-15], broken_off=True)
    assert (made.source, bool(made.note)) == ("model", True)
    assert [part.task for part in made.parts] == ["Explain pools.", QUESTION.text]


def test_a_plan_that_runs_on_after_four_tasks_is_complete() -> None:
    made = drafted(plan(*(task(f"Explain aspect {number}.") for number in range(9)))[:-9], broken_off=True)
    assert QUESTION.text not in [part.task for part in made.parts]
    assert (len(made.parts), made.note) == (4, "")


def test_a_plan_of_one_small_model_is_plain() -> None:
    capabilities = Capabilities(small=frozenset({"science"}))
    assert drafted(plan(task("Explain.")), capabilities).plain
    assert not drafted(plan(task("Explain."), task("More.", "general")), capabilities).plain
    assert not drafted(plan(task("Explain.", "general")), capabilities).plain


@given(st.lists(TASKS, max_size=7))
def test_whatever_the_tasks_the_plan_can_be_carried_out(tasks: list[dict[str, object]]) -> None:
    made = drafted(json.dumps({"tasks": tasks})).parts
    ids = [part.id for part in made]
    assert 1 <= len(made) <= 4
    assert len(set(ids)) == len(ids)
    done: set[str] = set()
    while ready := [part.id for part in made if part.id not in done and set(part.needs) <= done]:
        done.update(ready)
    assert done == set(ids)
    for part in made:
        assert part.task
        assert part.category in EXPERTS if part.kind == "expert" else part.call is not None
        assert part.call is None or part.call.tool in {tool.name for tool in TOOLS}
