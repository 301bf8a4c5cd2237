"""The plan as a part of the answer."""

from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.plan_section import TASK_CHARS, plan_section, preface_of
from libs.contracts.question import Question

EXPERT = PlannedPart(id="p1", kind="expert", task="Explain\nwhy.", category="legal_advisor")
TOOL = PlannedPart(
    id="p2", kind="tool", task="Add 1 and 1", call=ToolCall(tool="calculate", arguments={}), needs=("p1", "nobody")
)


def test_every_part_is_told_in_order_with_who_does_it_and_after_what() -> None:
    assert plan_section((EXPERT, TOOL), "en") == (
        "## Plan\n\n1. **legal advisor**: Explain why.\n2. **tool calculate**: Add 1 and 1 (after 1)\n\n## Answer\n\n"
    )


def test_it_speaks_the_language_of_the_question() -> None:
    assert plan_section((TOOL,), "de") == "## Plan\n\n1. **Werkzeug calculate**: Add 1 and 1\n\n## Antwort\n\n"


def test_what_a_model_wrote_cannot_become_markup() -> None:
    part = EXPERT.model_copy(update={"task": "# Title [x](http://y) **bold** <b>"})
    (line,) = (line for line in plan_section((part,), "en").splitlines() if line.startswith("1."))
    assert line.endswith(r"\# Title \[x\](http://y) \*\*bold\*\* \<b\>")


def test_long_tasks_are_cut() -> None:
    part = EXPERT.model_copy(update={"task": "word " * 500})
    assert len(plan_section((part,), "en")) < TASK_CHARS + 80


def test_it_stands_before_the_answer_in_mode_plan_alone() -> None:
    assert preface_of((EXPERT,), Question(text="Why?", mode="plan")) == plan_section((EXPERT,), "en")
    assert preface_of((EXPERT,), Question(text="Why?", mode="report")) == ""
