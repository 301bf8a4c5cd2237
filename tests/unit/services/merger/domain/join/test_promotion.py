"""When the only expert's text is streamed directly to the user."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer
from libs.contracts.finding import Confidence
from tests.support.merger.join_facts import (
    ORIGIN,
    call,
    cancelled,
    candidate,
    expert,
    failed,
    found,
    log_of,
    opened,
    plan,
    tool,
)


def test_a_confident_lone_expert_is_promoted() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("a", stream="a.77fe"))
    assert log.promotions() == ["a.77fe"]


def test_a_candidate_is_promoted_once() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("a", stream="a.1111"), candidate("a", stream="a.2222"))
    assert log.promotions() == ["a.1111"]


def test_a_candidate_that_came_before_its_plan_is_promoted_when_the_plan_comes() -> None:
    log = log_of(opened(), candidate("a"), plan(expert("a")))
    assert log.promotions() == ["a.ab12"]


def test_an_unsure_candidate_is_not_promoted() -> None:
    unsure: tuple[Confidence, ...] = ("medium", "low")
    for confidence in unsure:
        assert log_of(opened(), plan(expert("a")), candidate("a", confidence)).promotions() == []


def test_the_second_tier_is_promoted_after_an_unsure_first() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("a", "medium", "a.1111"), candidate("a", "high", "a.2222"))
    assert log.promotions() == ["a.2222"]


def test_a_plain_candidate_is_promoted_however_sure_it_is() -> None:
    log = log_of(opened(), plan(expert("a"), plain=True), candidate("a", "medium"))
    assert log.promotions() == ["a.ab12"]


def test_one_of_several_parts_is_never_promoted() -> None:
    log = log_of(opened(), plan(expert("a"), tool("b")), candidate("a"), failed("b"))
    assert log.promotions() == []


def test_an_answer_that_a_critic_must_read_is_never_promoted() -> None:
    log = log_of(opened(), plan(expert("a", "medical_consult"), critic=("medical_consult",)), candidate("a"))
    assert log.promotions() == []


def test_a_candidate_of_another_plan_is_never_promoted() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("z"))
    assert log.promotions() == []


def test_a_candidate_of_a_part_that_has_ended_is_not_promoted() -> None:
    log = log_of(opened(), plan(expert("a")), found("a", confidence="medium"), candidate("a"))
    assert log.promotions() == []


def test_nothing_is_promoted_after_a_cancellation() -> None:
    log = log_of(opened(), plan(expert("a")), cancelled(), candidate("a"))
    assert log.promotions() == []


def test_the_promoted_text_is_the_answer_whatever_it_was_rated_in_the_end() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("a"), found("a", "the text", confidence="medium"))
    answer = log.only(AnswerFinished)
    assert (answer.outcome, answer.text) == ("answered", "the text")


def test_a_promoted_part_that_fails_ends_the_request_as_failed() -> None:
    log = log_of(opened(), plan(expert("a")), candidate("a"), failed("a", "stream_broken", "it broke off"))
    answer = log.only(AnswerFinished)
    assert (answer.outcome, answer.text) == ("failed", "")
    assert answer.failure is not None
    assert answer.failure.code == "stream_broken"


def test_a_confident_lone_expert_answers_without_ever_opening_a_candidate() -> None:
    log = log_of(opened(), plan(expert("a")), found("a", "the text", calls=(call(3, 4),)))
    answer = log.only(AnswerFinished)
    assert (answer.outcome, answer.text, answer.truncated) == ("answered", "the text", False)
    assert answer.sources == ("phi4:14b@local::science",)


def test_an_expert_that_hit_its_token_limit_makes_a_truncated_answer() -> None:
    log = log_of(opened(), plan(expert("a")), found("a", truncated=True))
    assert log.only(AnswerFinished).truncated


def test_a_plain_text_answers_however_sure_it_is() -> None:
    log = log_of(opened(), plan(expert("a"), plain=True), found("a", "the text", confidence="low"))
    assert log.only(AnswerFinished).text == "the text"


def test_an_unsure_lone_expert_goes_to_the_judge() -> None:
    log = log_of(opened(), plan(expert("a")), found("a", confidence="medium"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["a"]


def test_a_confident_lone_expert_that_needs_a_critic_goes_to_it_with_the_advice() -> None:
    medical = plan(expert("a", "medical_consult"), critic=("medical_consult",), calls=(call(1, 2),))
    log = log_of(opened(), medical, found("a", "Take two.", calls=(call(10, 20),)))
    draft = log.only(AnswerDrafted)
    assert draft.text.startswith("Take two.")
    assert "see a doctor" in draft.text
    assert draft.categories == ("medical_consult",)
    assert (draft.spent.prompt_tokens, draft.spent.completion_tokens) == (11, 22)
    assert log.all_of(MergeAnswer) == []


def test_an_unsure_lone_expert_that_needs_a_critic_goes_to_the_judge_first() -> None:
    legal = plan(expert("a", "legal_advisor"), critic=("legal_advisor",))
    log = log_of(opened(), legal, found("a", confidence="low"))
    assert log.only(MergeAnswer).critic == ("legal_advisor",)


def test_a_confident_answer_that_was_not_a_candidate_gets_the_shape_of_the_mode() -> None:
    question = opened().question.model_copy(update={"mode": "code"})
    coder = opened().model_copy(update={"question": question}).opening(ORIGIN)
    twins = plan(expert("a", task="same"), expert("b", task="same"))
    log = log_of(coder, twins, failed("a"), found("b", "Here it is:\n```\nx = 1\n```\nDone."))
    assert log.only(AnswerFinished).text == "```\nx = 1\n```"


def test_a_promoted_text_stays_exactly_what_was_sent() -> None:
    text = "Here it is:\n```\nx = 1\n```\nDone."
    question = opened().question.model_copy(update={"mode": "code"})
    coder = opened().model_copy(update={"question": question}).opening(ORIGIN)
    assert log_of(coder, plan(expert("a")), candidate("a"), found("a", text)).only(AnswerFinished).text == text
