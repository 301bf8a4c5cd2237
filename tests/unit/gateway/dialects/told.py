"""What a fleet or a model may say, for any protocol, and how its frames write it down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from libs.contracts.model_call import Usage
from libs.core.ids import new_response_id
from services.gateway.domain.reply import FinishReason, Frames, ReplyHead

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
    """An answer as it is written: pieces of reasoning, of content, and calls whose pieces may be mixed."""

    reasoning: Sequence[str] = ()
    content: Sequence[str] = ()
    calls: Sequence[Called] = ()
    order: Sequence[int] = ()

    @property
    def finish(self) -> FinishReason:
        return "tool_calls" if self.calls else "stop"


def head(*, echo: str = "", include_usage: bool = False) -> ReplyHead:
    return ReplyHead(RID, "moe-orchestrator", 1_700_000_000, include_usage, echo)


def written(told: Told, frames: Frames) -> bytes:
    """Return the whole stream. Calls begin in their order, their pieces come in any."""
    data = [frames.opening()]
    data += [frames.reasoning(piece) for piece in told.reasoning]
    data += [frames.content(piece) for piece in told.content]
    data += _calls(told, frames)
    data.append(frames.ending(told.finish, USAGE))
    return b"".join(data)


def _calls(told: Told, frames: Frames) -> list[bytes]:
    left = [list(call.arguments) for call in told.calls]
    data, begun = [], 0
    for wanted in (*told.order, *(index for index, call in enumerate(told.calls) for _ in call.arguments)):
        index = wanted % len(told.calls)
        while begun <= index:
            data.append(frames.tool_call(begun, told.calls[begun].id, told.calls[begun].name))
            begun += 1
        if left[index]:
            data.append(frames.tool_arguments(index, left[index].pop(0)))
    late = [(index, told.calls[index]) for index in range(begun, len(told.calls))]
    return data + [frames.tool_call(index, call.id, call.name) for index, call in late]


@st.composite
def answers(draw: st.DrawFn, *, tools: bool = True) -> Told:
    """Any answer with at most three calls."""
    calls = []
    for index in range(draw(st.integers(0, 3 if tools else 0))):
        text = json.dumps(draw(st.dictionaries(TEXT, _VALUES, max_size=3)), ensure_ascii=False)
        cut = draw(st.integers(1, 7))
        pieces = tuple(text[start : start + cut] for start in range(0, len(text), cut))
        calls.append(Called(f"call_{index}", f"tool_{index}", pieces))
    order = draw(st.lists(st.integers(0, 2), max_size=20)) if calls else []
    pieces_of = st.lists(TEXT, max_size=4)
    return Told(draw(pieces_of), draw(pieces_of), calls, order)
