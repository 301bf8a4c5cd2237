from libs.embedded.backoff import FIRST_S, LONGEST_S, STABLE_AFTER_S, Backoff


def test_a_store_that_keeps_dying_is_started_ever_more_slowly_up_to_a_bound() -> None:
    backoff = Backoff()
    delays = [backoff.after(0.1) for _ in range(10)]
    assert delays[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_S


def test_a_store_that_was_stable_is_started_quickly_again() -> None:
    backoff = Backoff()
    for _ in range(10):
        backoff.after(0.1)
    assert backoff.after(STABLE_AFTER_S) == FIRST_S
    assert backoff.after(0.1) == 2 * FIRST_S
