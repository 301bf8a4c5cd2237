from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.answer import AnswerFinished, Failure, Outcome
from libs.contracts.model_call import Usage
from libs.contracts.origin import Origin
from libs.core.ids import new_response_id
from libs.ports.deltas import Delta
from services.gateway.dialects.chat.dialect import ChatFrames
from services.gateway.domain.streaming.assembler import FRAME_CHARACTERS, MAX_HELD_CHARACTERS, StreamAssembler
from services.gateway.domain.streaming.reply import ReplyHead, late_error
from tests.support.dialects.stream_frames import content, errors, is_done, payloads

RID = new_response_id(1, 1_700_000_000.0)


def assembler(*, include_usage: bool = False) -> StreamAssembler:
    return StreamAssembler(RID, ChatFrames(ReplyHead(RID, "moe-orchestrator", 1_700_000_000, include_usage)))


def end(text: str = "", outcome: Outcome = "answered", failure: Failure | None = None) -> AnswerFinished:
    usage = Usage(prompt_tokens=3, completion_tokens=4)
    event = AnswerFinished(outcome=outcome, text=text, failure=failure, usage=usage)
    return event.opening(Origin(RID, "default"))


def text(offset: int, piece: str, stream: str = "p1.aa") -> Delta:
    return Delta("text", stream, offset, piece)


def promote(stream: str = "p1.aa") -> Delta:
    return Delta("promote", stream)


def run(*inputs: Delta | AnswerFinished, of: StreamAssembler | None = None) -> bytes:
    machine = of or assembler()
    return b"".join(machine.take(each) if isinstance(each, Delta) else machine.finish(each) for each in inputs)


def test_text_waits_for_its_promotion_and_then_flows() -> None:
    machine = assembler()
    assert machine.take(text(0, "Hel")) == b""
    assert machine.take(text(3, "lo")) == b""
    assert content(machine.take(promote())) == "Hello"
    assert content(machine.take(text(5, " you"))) == " you"


def test_a_promotion_may_come_before_the_text() -> None:
    assert content(run(promote(), text(0, "Hi"))) == "Hi"


def test_text_of_other_candidates_is_never_sent() -> None:
    assert content(run(text(0, "no", "p2.bb"), promote(), text(2, "no", "p2.bb"), text(0, "yes"))) == "yes"


def test_repeated_and_overlapping_pieces_are_sent_once() -> None:
    assert content(run(promote(), text(0, "Hello"), text(0, "Hello"), text(3, "lo you"))) == "Hello you"


def test_after_a_gap_nothing_is_piped_until_the_end() -> None:
    machine = assembler()
    run(promote(), text(0, "one "), of=machine)
    assert run(text(8, "three "), text(4, "two "), of=machine) == b""
    assert content(machine.finish(end("one two three "))) == "two three "


def test_a_gap_before_the_promotion_sends_what_is_sure() -> None:
    assert content(run(text(0, "sure "), text(50, "unsure"), promote())) == "sure "


def test_the_rest_of_the_final_text_is_sent() -> None:
    data = run(promote(), text(0, "Begin"), end("Beginning and end"))
    assert content(data) == "Beginning and end"
    assert is_done(data)


def test_a_final_text_that_begins_otherwise_ends_in_an_error() -> None:
    data = run(promote(), text(0, "Green"), end("Blue"))
    assert content(data) == "Green"
    (error,) = errors(data)
    assert error["code"] == "stream_diverged"
    assert RID in error["message"]
    assert not is_done(data)


def test_a_final_text_shorter_than_what_was_sent_ends_in_an_error() -> None:
    assert errors(run(promote(), text(0, "Hello you"), end("Hello")))[0]["code"] == "stream_diverged"


def test_a_second_promotion_does_not_splice_texts() -> None:
    data = run(
        promote("a"), text(0, "One ", "a"), text(0, "Two", "b"), promote("b"), text(3, "!", "b"), text(4, "?", "a")
    )
    assert content(data) == "One "


def test_a_second_promotion_may_still_fit_the_final_text() -> None:
    data = run(promote("a"), text(0, "One ", "a"), promote("b"), text(0, "One two", "b"), end("One two"))
    assert content(data) == "One two"
    assert is_done(data)


def test_a_second_promotion_counts_while_nothing_was_sent() -> None:
    assert content(run(promote("a"), promote("b"), text(0, "Two", "b"))) == "Two"


def test_held_text_is_bounded() -> None:
    half = "x" * (MAX_HELD_CHARACTERS // 2)
    data = run(text(0, half), text(len(half), half), text(2 * len(half), "over"), promote())
    assert content(data) == half * 2


def test_candidates_are_bounded() -> None:
    noise = [text(0, "x", f"s{number}") for number in range(100)]
    assert content(run(*noise, text(0, "late", "mine"), promote("mine"))) == ""


def test_progress_goes_to_the_reasoning_panel_until_the_answer_begins() -> None:
    (before,) = payloads(run(Delta("progress", text="Planning")))
    assert before["choices"][0]["delta"] == {"reasoning_content": "Planning\n"}
    machine = assembler()
    run(promote(), text(0, "A"), of=machine)
    assert machine.take(Delta("progress", text="Checking")) == b""


def test_an_end_comes_once() -> None:
    machine = assembler()
    machine.finish(end("Hi"))
    assert machine.finish(end("Hi")) == b""
    assert machine.fail(late_error(RID)) == b""
    assert run(promote(), text(0, "more"), of=machine) == b""


def test_usage_stands_between_stop_and_done() -> None:
    stop, usage, done = payloads(run(end("Hi"), of=assembler(include_usage=True)))[-3:]
    assert stop["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert done == "[DONE]"


def test_a_failure_ends_without_done_and_without_stop() -> None:
    failure = Failure(code="model_unavailable", message="The server local is down.")
    data = run(promote(), text(0, "Half"), end("", "failed", failure))
    assert errors(data)[0]["code"] == "model_unavailable"
    assert not is_done(data)
    assert not any(chunk["choices"][0]["finish_reason"] for chunk in payloads(data) if "choices" in chunk)


def test_an_empty_answer_is_a_complete_stream() -> None:
    stop, done = payloads(run(end("")))
    assert stop["choices"][0]["finish_reason"] == "stop"
    assert done == "[DONE]"


def test_long_text_is_sent_in_lines_that_clients_can_read() -> None:
    data = run(end("x" * (3 * FRAME_CHARACTERS + 5)))
    assert len(payloads(data)) == 4 + 2
    assert content(data) == "x" * (3 * FRAME_CHARACTERS + 5)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.lists(st.integers(0, 200)),
    st.randoms(use_true_random=False),
    st.floats(0, 0.5),
)
def test_whatever_deltas_are_lost_repeated_or_shuffled_the_client_reads_the_final_text(
    answer: str, cuts: list[int], random: Random, loss: float
) -> None:
    places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    deltas = [text(start, answer[start:stop]) for start, stop in pairwise(places)]
    deltas = [delta for delta in [promote(), *deltas, *deltas[:3]] if random.random() >= loss]
    if random.random() < 0.3:
        random.shuffle(deltas)
    data = run(*deltas, end(answer))
    assert content(data) == answer
    assert is_done(data)
