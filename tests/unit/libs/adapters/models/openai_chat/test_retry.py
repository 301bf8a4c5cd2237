"""Repeating is short, jittered and bounded."""

from libs.adapters.models.openai_chat.retry import CallRetryPolicy


def test_there_are_two_more_attempts_and_no_third() -> None:
    pauses = [CallRetryPolicy().pause_s(repeats, None) for repeats in range(4)]

    assert [pause is None for pause in pauses] == [False, False, True, True]


def test_pauses_grow_with_some_jitter() -> None:
    policy = CallRetryPolicy(base_s=0.1)
    first = {policy.pause_s(0, None) or 0.0 for _ in range(50)}
    second = {policy.pause_s(1, None) or 0.0 for _ in range(50)}

    assert 0.1 <= min(first) < max(first) <= 0.15
    assert 0.2 <= min(second) < max(second) <= 0.3


def test_a_servers_wish_is_kept_or_left_to_the_caller() -> None:
    assert CallRetryPolicy().pause_s(0, 2.0) == 2.0
    assert CallRetryPolicy(longest_s=5.0).pause_s(0, 6.0) is None
