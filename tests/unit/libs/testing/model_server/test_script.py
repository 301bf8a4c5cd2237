"""The script of the model server: stage detection, rule matching, and the default pipeline."""

import orjson
import pytest

from libs.ports.llm import ChatMessage, TokenUsage
from libs.testing.model_server import PipelineOptions, Prompt, Reply, Rule, pipeline_script
from libs.testing.model_server.frames import pieces_of
from libs.testing.model_server.pipeline import plan_text
from libs.testing.model_server.reading import BadRequest, read_prompt

SCHEMA = {
    "title": "Plan",
    "$defs": {
        "Task": {
            "properties": {
                "id": {"type": "string"},
                "category": {"$ref": "#/$defs/Category"},
                "question": {"type": "string"},
                "needs": {"type": "array", "items": {"type": "string"}},
                "note": {"type": "string"},
            },
            "required": ["id", "category", "question", "needs"],
        },
        "Category": {"enum": ["general", "math"], "type": "string"},
    },
    "properties": {"steps": {"type": "array", "items": {"$ref": "#/$defs/Task"}}},
}


def prompt(system: str, user: str = "why #abc?") -> Prompt:
    return Prompt("m", (ChatMessage("system", system), ChatMessage("user", user)))


def scripted(asked: Prompt) -> str:
    return next(rule.reply.text_for(asked) for rule in pipeline_script() if rule.matches(asked))


@pytest.mark.parametrize(
    ("system", "stage", "category"),
    [
        ("You are the planner of a fleet.", "planner", ""),
        ("You are the medical_consult expert of a fleet.\nMore.", "expert", "medical_consult"),
        ("You are the judge of a fleet.", "judge", ""),
        ("You are the critic of a fleet.", "critic", ""),
        ("You are helpful.", "chat", ""),
        ("", "chat", ""),
    ],
)
def test_the_first_line_tells_the_stage(system: str, stage: str, category: str) -> None:
    assert (prompt(system).stage, prompt(system).category) == (stage, category)


def test_a_schema_named_plan_is_the_planners() -> None:
    assert Prompt("m", (), schema_name="plan").stage == "planner"


def test_the_newest_token_is_the_requests() -> None:
    messages = (ChatMessage("user", "#old"), ChatMessage("assistant", "#older"), ChatMessage("user", "now #new and #x"))

    assert Prompt("m", messages).token == "#new"
    assert Prompt("m", ()).token == ""


def test_a_plan_fits_the_schema_it_is_asked_for() -> None:
    asked = Prompt("m", (ChatMessage("user", "why #abc?"),), schema=SCHEMA, schema_name="plan")
    plan = orjson.loads(plan_text(asked, PipelineOptions(tasks=3, categories=("math", "general"))))

    assert [task["category"] for task in plan["steps"]] == ["math", "general", "math"]
    assert [task["id"] for task in plan["steps"]] == ["t1", "t2", "t3"]
    assert all("#abc" in task["question"] and task["needs"] == [] and "note" not in task for task in plan["steps"])


def test_a_plan_without_a_schema_has_tasks_with_a_category() -> None:
    plan = orjson.loads(scripted(prompt("You are the planner of a fleet.")))

    assert [sorted(task) for task in plan["tasks"]] == [["category", "task"]] * 3


def test_every_stage_but_the_critic_echoes_the_token() -> None:
    for role in ("planner", "general expert", "judge"):
        assert "#abc" in scripted(prompt(f"You are the {role} of a fleet."))
    assert "#abc" in scripted(prompt("Be brief."))
    assert scripted(prompt("You are the critic of a fleet.")) == "CONFIRMED"


def test_experts_keep_the_output_contract() -> None:
    lines = scripted(prompt("You are the general expert of a fleet.")).splitlines()

    assert [line.split(":")[0] for line in lines] == ["KEY_MESSAGE", "CONFIDENCE", "DETAILS"]


def test_a_rule_matches_only_if_all_its_conditions_hold() -> None:
    asked = prompt("You are the judge of a fleet.", "why #abc?")

    assert Rule(Reply(), stage="judge", model="m", system="judge", user="#a.c", output_format="", stream=False).matches(
        asked
    )
    for rule in (
        Rule(Reply(), stage="critic"),
        Rule(Reply(), model="n"),
        Rule(Reply(), system="planner"),
        Rule(Reply(), user="#xyz"),
        Rule(Reply(), output_format="json_schema"),
        Rule(Reply(), stream=True),
    ):
        assert not rule.matches(asked)


def test_text_is_cut_into_words_or_pieces_and_loses_nothing() -> None:
    text = "  two words\nand more "

    assert "".join(pieces_of(text, None)) == text
    assert pieces_of("abcde", 2) == ["ab", "cd", "e"]
    assert pieces_of("", None) == []


def test_usage_is_scripted_or_counted_in_words() -> None:
    assert Reply("a b c").usage_for(prompt("x y", "z")) == TokenUsage(3, 3)
    assert Reply("a", usage=TokenUsage(8, 9)).usage_for(prompt("")) == TokenUsage(8, 9)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"messages":[]}', b'{"messages":[{"role":"user","content":null}]}',
     b'{"messages":[{"role":"user","content":"x"}],"stream_options":{}}'],
)  # fmt: skip
def test_a_request_that_a_real_server_refuses_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_prompt(body)
