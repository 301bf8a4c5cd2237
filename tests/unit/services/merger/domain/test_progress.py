"""The lines that people read while they wait."""

from libs.contracts.question import Language
from tests.support.merger.join_facts import Log, candidate, computed, expert, failed, found, log_of, opened, plan, tool

SECRET = "postgres://10.1.2.3 refused"


def told(language: Language) -> Log:
    parts = plan(expert("a", "technical_support"), tool("b"), expert("c", "math"))
    log = log_of(opened(language=language), parts, computed("b"), found("a", confidence="medium"))
    log.fold(failed("c", message=SECRET))
    return log


def test_it_tells_the_plan_then_each_part_then_the_merge() -> None:
    assert told("en").lines() == [
        "Plan: 3 tasks (technical support, subnet_calc, math)",
        "subnet_calc: done",
        "technical support: done (medium confidence)",
        "math: no result, the model could not be reached",
        "Merging 2 results into one answer",
    ]


def test_it_tells_german_askers_in_german() -> None:
    assert told("de").lines() == [
        "Plan: 3 Aufgaben (Technik, subnet_calc, Mathematik)",
        "subnet_calc: fertig",
        "Technik: fertig (Sicherheit: mittel)",
        "Mathematik: kein Ergebnis, das Modell war nicht erreichbar",
        "Füge 2 Ergebnisse zu einer Antwort zusammen",
    ]


def test_the_plan_is_told_as_soon_as_it_is_there() -> None:
    assert log_of(opened(), plan(expert("a"))).lines() == ["Plan: 1 task (science)"]


def test_a_question_that_is_not_streamed_gets_the_same_messages_and_no_deltas() -> None:
    events = plan(expert("a")), candidate("a"), found("a")
    streamed, whole = (log_of(opened(streamed=streamed), *events) for streamed in (True, False))
    assert streamed.deltas
    assert not whole.deltas
    assert [type(message) for message in whole.messages] == [type(message) for message in streamed.messages]


def test_the_message_of_a_broken_part_stays_inside() -> None:
    assert not any("10.1.2.3" in line for line in told("en").lines())


def test_a_promoted_text_is_not_interrupted() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("a"), found("a"))
    assert log.lines() == ["Plan: 1 task (science)"]


def test_parts_of_other_plans_are_not_told() -> None:
    assert log_of(opened(), plan(expert("a")), found("z")).lines() == ["Plan: 1 task (science)"]
