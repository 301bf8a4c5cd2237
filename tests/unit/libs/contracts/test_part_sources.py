"""Every kind of part is one row, which all that handle parts read."""

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.contracts.catalogue import COMMANDS, MESSAGES
from libs.contracts.part_kind import PartKind
from libs.contracts.part_source import PartBrief, PartSource
from libs.contracts.part_sources import EXPERT, PART_SOURCES, TOOL, TRACE, command_of
from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question

KIND: TypeAdapter[str] = TypeAdapter(PartKind)
CALL = ToolCall(tool="date_diff", arguments={})


def brief_of(part: PlannedPart) -> PartBrief:
    return PartBrief(PlanDrafted(parts=(part,), source="model"), Question(text="Why?"))


@pytest.mark.parametrize("source", PART_SOURCES, ids=lambda source: source.kind)
def test_the_catalogue_has_the_commands_of_a_source(source: PartSource) -> None:
    assert set(source.commands) <= set(COMMANDS) <= set(MESSAGES)


@pytest.mark.parametrize(
    "part",
    [
        PlannedPart(id="p1", kind=TOOL.kind, task="Days", call=CALL),
        PlannedPart(id="p1", kind=EXPERT.kind, task="Why?", category="science"),
        PlannedPart(id="p1", kind=EXPERT.kind, task="Why?", category="science", tier="T2"),
    ],
    ids=("tool", "expert-t1", "expert-t2"),
)
def test_a_planned_part_becomes_a_command_of_its_source(part: PlannedPart) -> None:
    source = next(source for source in PART_SOURCES if source.kind == part.kind)
    assert type(command_of(part, brief_of(part))) in source.commands


@pytest.mark.parametrize("kind", [TOOL.kind, TRACE.kind])
def test_an_expert_gets_the_task_of_a_part_that_its_source_cannot_build(kind: str) -> None:
    part = PlannedPart(id="p1", kind=kind, task="Why?")
    assert type(command_of(part, brief_of(part))) in EXPERT.commands


def test_kinds_and_ranks_are_unique() -> None:
    for values in ([source.kind for source in PART_SOURCES], [source.rank for source in PART_SOURCES]):
        assert len(set(values)) == len(PART_SOURCES)


def test_an_unknown_kind_is_rejected() -> None:
    with pytest.raises(ValidationError, match="not one of expert, tool, trace"):
        KIND.validate_python("oracle")


def test_the_schema_of_a_kind_lists_the_table() -> None:
    assert KIND.json_schema() == {"enum": ["expert", "tool", "trace"], "type": "string"}
