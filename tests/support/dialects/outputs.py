"""Possible outputs of a fleet or a model, for any protocol, and their frames."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from hypothesis import strategies as st

from libs.contracts.model_call import Usage
from libs.core.ids import new_response_id
from services.gateway.dialects.call_queue import Spoken
from services.gateway.domain.streaming.reply import FinishReason, Frames, ReplyHead

RID = new_response_id(1, 1_700_000_000.0)
USAGE = Usage(prompt_tokens=30, completion_tokens=12)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | TEXT, lambda inner: st.dictionaries(TEXT, inner, max_size=3)
)


@dataclass(frozen=True)
class Called:
    id: str
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """An answer as written: pieces of reasoning, of content, and calls whose pieces may be mixed.

    `between` is text after each piece of a call, empty for nothing.
    """

    reasoning: Sequence[str] = ()
    content: Sequence[str] = ()
    calls: Sequence[Called] = ()
    order: Sequence[int] = ()
    between: Sequence[tuple[Spoken, str]] = ()

    @property
    def text(self) -> str:
        return "".join((*self.content, *(said for kind, said in self.between if kind == "content")))

    @property
    def thoughts(self) -> str:
        return "".join((*self.reasoning, *(said for kind, said in self.between if kind == "reasoning")))

    @property
    def finish(self) -> FinishReason:
        return "tool_calls" if self.calls else "stop"


def head(*, echo: str = "", include_usage: bool = False) -> ReplyHead:
    return ReplyHead(RID, "moe-orchestrator", 1_700_000_000, include_usage, echo)


def written(told: Told, frames: Frames) -> bytes:
    """Whole stream. Calls begin in their order, their pieces arrive in any."""
    data = [frames.opening()]
    data += [frames.reasoning(piece) for piece in told.reasoning]
    data += [frames.content(piece) for piece in told.content]
    between = iter(told.between)
    for piece in _calls(told, frames):
        data.append(piece)
        data += [_said(frames, *each) for each in itertools.islice(between, 1)]
    data += [_said(frames, *each) for each in between]
    data.append(frames.ending(told.finish, USAGE))
    return b"".join(data)


def _said(frames: Frames, kind: Spoken, text: str) -> bytes:
    if not text:
        return b""
    return frames.reasoning(text) if kind == "reasoning" else frames.content(text)


def _calls(told: Told, frames: Frames) -> Iterator[bytes]:
    left = [list(call.arguments) for call in told.calls]
    begun = 0
    for wanted in (*told.order, *(index for index, call in enumerate(told.calls) for _ in call.arguments)):
        index = wanted % len(told.calls)
        while begun <= index:
            yield frames.tool_call(begun, told.calls[begun].id, told.calls[begun].name)
            begun += 1
        if left[index]:
            yield frames.tool_arguments(index, left[index].pop(0))
    for index in range(begun, len(told.calls)):
        yield frames.tool_call(index, told.calls[index].id, told.calls[index].name)


@st.composite
def answers(draw: st.DrawFn, *, tools: bool = True, mixed: bool = False) -> Told:
    """Any answer with at most three calls; `mixed`: text may interrupt them."""
    calls = []
    for index in range(draw(st.integers(0, 3 if tools else 0))):
        text = json.dumps(draw(st.dictionaries(TEXT, _VALUES, max_size=3)), ensure_ascii=False)
        cut = draw(st.integers(1, 7))
        pieces = tuple(text[start : start + cut] for start in range(0, len(text), cut))
        calls.append(Called(f"call_{index}", f"tool_{index}", pieces))
    order = draw(st.lists(st.integers(0, 2), max_size=20)) if calls else []
    pieces_of = st.lists(TEXT, max_size=4)
    said = st.tuples(st.sampled_from(get_args(Spoken)), st.just("") | TEXT)
    between = draw(st.lists(said, max_size=20)) if mixed else []
    return Told(draw(pieces_of), draw(pieces_of), calls, order, between)
