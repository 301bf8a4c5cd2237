"""A resumed stream: received text is not sent again, and must be a prefix of the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.ports.deltas import Delta
from services.gateway.dialects.chat.dialect import ChatFrames
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.streaming.assembler import StreamAssembler
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint, read_resume_point
from tests.support.dialects.stream_frames import frames_of

RID = "chatcmpl-0193a7c8-6d40-8003-9c1e-5f2a7b3d4e60"
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9), min_size=1, max_size=12)


def assembler(point: ResumePoint = START) -> StreamAssembler:
    return StreamAssembler(RID, ChatFrames(ReplyHead(RID, "moe-orchestrator", 1), point), resume_at=point)


def end(text: str) -> AnswerFinished:
    return AnswerFinished(outcome="answered", text=text).opening(Origin(RID, "default"))


def deltas(texts: list[str]) -> list[Delta]:
    offsets = [sum(map(len, texts[:index])) for index in range(len(texts))]
    pieces = [Delta("text", "s", offset, text) for offset, text in zip(offsets, texts, strict=True)]
    return [Delta("promote", "s"), *pieces]


def stream(of: StreamAssembler, texts: list[str], final: str) -> bytes:
    return b"".join([of.open(), *(of.take(delta) for delta in deltas(texts)), of.finish(end(final))])


@given(TEXTS, st.data())
def test_wherever_a_stream_breaks_off_both_halves_are_the_whole(texts: list[str], data: st.DataObject) -> None:
    whole = frames_of(stream(assembler(), texts, "".join(texts)))
    cut = data.draw(st.integers(1, len(whole)))
    again = data.draw(st.sampled_from([texts, [], ["".join(texts)]]))  # as it was; store lost; other pieces
    point = read_resume_point(RID, whole[cut - 1].id)
    rest = frames_of(stream(assembler(point), again, "".join(texts)))
    assert "".join(frame.content for frame in [*whole[:cut], *rest]) == "".join(texts)
    assert rest[-1].done
    assert [int(frame.id.split("/")[1]) for frame in rest] == list(range(cut + 1, cut + 1 + len(rest)))


@given(TEXTS, TEXTS)
def test_another_text_is_not_spliced_in(texts: list[str], others: list[str]) -> None:
    sent, other = "".join(texts), "".join(others)
    last = [frame for frame in frames_of(stream(assembler(), texts, sent)) if frame.content][-1]
    rest = frames_of(stream(assembler(read_resume_point(RID, last.id)), others, other))
    assert rest[-1].done == other.startswith(sent)
    assert other.startswith(sent) or [frame.error for frame in rest] == ["stream_diverged"]


@pytest.mark.parametrize(
    "event_id",
    [
        "x",
        f"{RID}/1/2",
        f"{RID}/1/2/3",
        f"{RID}/-1/2/00000000",
        "other/1/2/00000000",
        f"{RID}/1/2/00000000/",
        f"{RID}/٣/2/00000000",
    ],
)
def test_an_id_that_is_none_of_this_response_is_refused(event_id: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        read_resume_point(RID, event_id)
    assert (caught.value.error.status, caught.value.error.param) == (400, "starting_after")


def test_without_an_id_it_begins_at_the_start() -> None:
    assert read_resume_point(RID, "") == START
