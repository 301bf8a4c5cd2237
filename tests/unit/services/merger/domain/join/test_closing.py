"""The join closes when the log is complete, and leaves a record."""

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import Usage
from libs.contracts.records import KnowledgeOffered, RequestLogged
from services.merger.domain.final_records import knowledge_type_of
from tests.support.merger.join_facts import (
    ACCEPTED_AT,
    DEADLINE_AT,
    ORIGIN,
    RESPONSE_ID,
    Log,
    call,
    cancelled,
    computed,
    expert,
    finished,
    found,
    log_of,
    opened,
    plan,
    schemas,
    tool,
)

LONG = "The sky scatters short waves more than long ones. " * 4


def answered(text: str) -> Log:
    log = log_of(opened(), plan(expert("a")), found("a", text))
    log.echo()
    return log


def test_its_own_end_does_not_close_it_before_it_stands_on_the_log() -> None:
    log = log_of(opened(), plan(expert("a")), found("a"))
    assert log.closes == 0
    assert log.echo().closed


def test_an_end_that_another_stage_wrote_closes_it() -> None:
    step = log_of(opened(), plan(expert("a"), expert("b"))).fold(finished("cached"))
    assert step.closed
    assert schemas(step.messages) == ["request-logged.v1"]


def test_the_first_end_on_the_log_wins_over_its_own() -> None:
    log = log_of(opened(), plan(expert("a")), found("a", "mine"), finished("theirs"))
    assert log.only(RequestLogged).answer == "theirs"
    assert log.only(AnswerFinished).text == "mine"
    assert log.closes == 1


def test_of_two_ends_that_came_before_the_request_the_first_counts() -> None:
    assert log_of(finished("first"), finished("second"), opened()).only(RequestLogged).answer == "first"


def test_the_record_tells_what_a_cancelled_request_had_spent() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b"), calls=(call(5, 1),)), found("a", calls=(call(30, 7),)))
    log.fold(cancelled())
    log.echo()
    assert log.only(RequestLogged).usage == Usage(prompt_tokens=35, completion_tokens=8)


def test_the_record_tells_what_a_part_spent_that_ended_after_the_end_was_written() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a", calls=(call(30, 7),)), cancelled())
    log.fold(found("b", calls=(call(4, 2),)))
    log.echo()
    assert log.only(AnswerFinished).usage == Usage(prompt_tokens=30, completion_tokens=7)
    assert log.only(RequestLogged).usage == Usage(prompt_tokens=34, completion_tokens=9)


def test_the_record_adds_the_calls_of_another_stage_to_those_of_parts_that_it_did_not_know() -> None:
    end = AnswerFinished(
        outcome="answered", calls=(call(100, 50),), usage=Usage(prompt_tokens=130, completion_tokens=57)
    )
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a", calls=(call(30, 7),)))
    log.fold(found("b", calls=(call(4, 2),)), end.opening(ORIGIN))
    assert log.only(RequestLogged).usage == Usage(prompt_tokens=134, completion_tokens=59)


def test_an_end_that_knows_more_than_the_join_is_believed() -> None:
    end = AnswerFinished(outcome="failed", usage=Usage(prompt_tokens=9, completion_tokens=9))
    log = log_of(opened(), plan(expert("a")), end.opening(ORIGIN))
    assert log.only(RequestLogged).usage == Usage(prompt_tokens=9, completion_tokens=9)


def test_nothing_follows_after_the_close() -> None:
    log = answered("short")
    before = len(log.messages)
    log.fold(finished(), cancelled(), found("a"), opened(), plan(expert("b")))
    assert (len(log.messages), log.closes) == (before, 1)


def test_every_request_leaves_a_log_record() -> None:
    log = answered("short")
    record = log.only(RequestLogged)
    assert (record.response_id, record.input, record.answer) == (RESPONSE_ID, "Why is the sky blue?", "short")
    assert (record.ts, record.outcome, record.cache_hit) == (ACCEPTED_AT, "answered", False)
    assert record.expert_models_used == ("phi4:14b@local::science",)


def test_a_cancelled_request_leaves_a_log_record_and_no_knowledge() -> None:
    log = log_of(opened(), cancelled())
    log.echo()
    assert log.only(RequestLogged).outcome == "cancelled"
    assert log.all_of(KnowledgeOffered) == []


def test_tools_are_not_listed_as_expert_models() -> None:
    log = log_of(opened(), plan(tool("a"), source="recogniser"), computed("a"))
    log.echo()
    assert log.only(RequestLogged).expert_models_used == ()


def test_a_long_answer_is_offered_as_knowledge() -> None:
    offer = answered(LONG).only(KnowledgeOffered)
    assert (offer.input, offer.answer) == ("Why is the sky blue?", LONG)
    assert (offer.domain, offer.source_expert, offer.source_model) == ("science", "science", "phi4:14b@local")
    assert (offer.confidence, offer.knowledge_type, offer.synthesis_insight) == ("high", "factual", None)


def test_what_was_said_before_a_failure_is_not_offered() -> None:
    end = finished(LONG).model_copy(update={"outcome": "failed"}).opening(ORIGIN)
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), end)
    assert log.all_of(KnowledgeOffered) == []


def test_an_answer_of_just_150_characters_is_not_offered() -> None:
    assert answered("x" * 150).all_of(KnowledgeOffered) == []
    assert len(answered("x" * 151).all_of(KnowledgeOffered)) == 1


def test_the_most_confident_expert_gives_the_domain() -> None:
    parts = plan(expert("a", "general"), expert("b", "math"), tool("c"))
    log = log_of(opened(), parts, found("a", confidence="medium"), found("b"), computed("c"), finished(LONG))
    offer = log.only(KnowledgeOffered)
    assert (offer.domain, offer.confidence) == ("math", "high")


def test_tools_alone_give_the_domain_of_the_tools() -> None:
    log = log_of(opened(), plan(tool("a"), source="recogniser"), computed("a", LONG))
    log.echo()
    offer = log.only(KnowledgeOffered)
    assert (offer.domain, offer.source_model) == ("precision_tools", "subnet_calc")


def test_an_answer_that_no_part_gave_teaches_nothing_new() -> None:
    assert log_of(opened(), finished(LONG)).all_of(KnowledgeOffered) == []


def test_the_last_words_have_the_deadline_of_the_request() -> None:
    assert answered("short").only(RequestLogged).envelope.deadline_at == DEADLINE_AT


@pytest.mark.parametrize(
    "text",
    [
        "The reset requires two keys.",
        "You must stop the server.",
        "Save your work before you go on.",
        "Steps:\n1. First, open the valve.",
        "Dafür ist ein Schlüssel erforderlich.",
        "Zuerst die Sicherung lösen.",
        "Der Server muss stehen.",
    ],
)
def test_a_text_that_says_what_comes_first_is_procedural(text: str) -> None:
    assert knowledge_type_of(text) == "procedural"


@pytest.mark.parametrize("text", ["Ada was the first programmer.", "Das Museum ist alt.", "Mustard is yellow."])
def test_a_text_that_merely_looks_like_it_is_factual(text: str) -> None:
    assert knowledge_type_of(text) == "factual"
