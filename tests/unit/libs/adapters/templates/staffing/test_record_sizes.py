"""The largest template with the largest question still fits the records that a broker takes."""

from libs.adapters.templates.staffing import Nodes, staffing_of
from libs.contracts.origin import Origin
from libs.contracts.part_source import PartBrief
from libs.contracts.part_sources import command_of
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.question import Question, Turn
from libs.contracts.template import MAX_TEMPLATE_BYTES, ExpertTemplate, TemplateExpert
from libs.core.ids import new_response_id
from services.gateway.domain.question.fleet_question import MOST_HISTORY_CHARS, Limits

RECORD_BYTES = 1_000_000
EXPERTS = {
    "general": TemplateExpert(system_prompt="ä" * 9_900),
    "science": TemplateExpert(system_prompt="ä" * 9_900),
    "legal_advisor": TemplateExpert(system_prompt="ä" * 9_900),
}
LARGEST = ExpertTemplate.model_validate({"id": "large", "name": "Large", "experts": EXPERTS})
QUESTION = Question(
    text="x" * (Limits().question_bytes - 10),
    history=(Turn(speaker="user", text="𝄞" * MOST_HISTORY_CHARS),),
)
ORIGIN = Origin(new_response_id(1, 1_000.0), "acme", deadline_at=2_000.0)


def test_the_opening_of_a_request_and_its_question_fit() -> None:
    assert MAX_TEMPLATE_BYTES * 0.9 < len(LARGEST.model_dump_json().encode()) <= MAX_TEMPLATE_BYTES
    staffing = staffing_of(LARGEST, 1, Nodes(("gpu-1",)))
    opened = RequestOpened(question=QUESTION, model="large", accepted_at=1_000.0, staffing=staffing).opening(ORIGIN)
    assert len(opened.body()) < RECORD_BYTES
    assert len(opened.question_asked().after(opened).body()) < RECORD_BYTES


def test_a_command_carries_the_words_of_its_expert_alone() -> None:
    staffing = staffing_of(LARGEST, 1, Nodes(("gpu-1",)))
    part = PlannedPart(id="p1", kind="expert", task="Explain.", category="science")
    small = Question(text="Why?")
    plain = command_of(part, PartBrief(PlanDrafted(parts=(part,), source="model"), small)).opening(ORIGIN)
    staffed = command_of(part, PartBrief(PlanDrafted(parts=(part,), source="model"), small, staffing)).opening(ORIGIN)
    assert len(staffed.body()) - len(plain.body()) < 20_500
