"""The stream of one answer as a state machine: deltas and the final event in, SSE frames out. No I/O, no clock."""

from libs.contracts.answer import AnswerFinished
from libs.ports.deltas import Delta
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import Frames, error_of, finish_reason, spliced_error
from services.gateway.domain.streaming.resume import START, ResumePoint, Skipped


class Candidate:
    """Assembles pieces by their offsets. After a gap it accepts none: only the final text can fill it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._broken = False

    def add(self, offset: int, text: str) -> str:
        """The new part of `text` that continues the known text; empty when there is none."""
        if self._broken or offset < 0 or offset > self._length:
            self._broken = True
            return ""
        new = text[self._length - offset :]
        self._length += len(new)
        return new

    def buffer(self, text: str) -> None:
        """Buffer a piece that `add` returned."""
        self._pieces.append(text)

    def give_up(self) -> None:
        """Accept no further pieces."""
        self._broken = True

    def release(self) -> str:
        """Clears the buffered text."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


MAX_CANDIDATES = 16

MAX_HELD_CHARACTERS = 256_000

FRAME_CHARACTERS = 4096  # some clients reject long lines


class StreamAssembler:
    """One response. Every method returns bytes to send, empty for none; after an end always empty.

    Only text of the promoted stream is sent, in order and without gaps. The final event is the answer: missing text is
    sent from it, and a contradiction ends the stream with an error, never with spliced text.
    """

    def __init__(
        self, response_id: str, frames: Frames, *, resume_at: ResumePoint = START, shows_reasoning: bool = True
    ) -> None:
        self._response_id = response_id
        self._shows_reasoning = shows_reasoning
        self._frames = frames
        self._resumed = resume_at.number > 0
        self._skipped = Skipped(resume_at)
        self._candidates: dict[str, Candidate] = {}
        self._held = 0
        self._promoted: str | None = None
        self._sent: list[str] = []
        self._ended = False

    def open(self) -> bytes:
        """The beginning of the stream; empty for a resumed one."""
        return b"" if self._resumed else self._frames.opening()

    def keep_alive(self) -> bytes:
        return self._frames.keep_alive()

    def take(self, delta: Delta) -> bytes:
        if self._ended:
            return b""
        match delta.kind:
            case "text":
                return self._take_text(delta)
            case "promote":
                return self._promote(delta.stream)
            case "progress":
                # Reasoning after content opens a second panel in some clients, or hides the answer.
                hidden = self._sent or self._resumed or not self._shows_reasoning
                return b"" if hidden else self._frames.reasoning(f"{delta.text}\n")

    def finish(self, event: AnswerFinished) -> bytes:
        """The rest of the answer and the end of the stream."""
        if event.outcome != "answered":
            return self.fail(error_of(event))
        sent = "".join(self._sent)
        if not event.text.startswith(sent):
            return self.fail(spliced_error(self._response_id))
        return self._end(event, event.text[len(sent) :])

    def fail(self, error: ApiError) -> bytes:
        """The error frame that ends the stream; no `[DONE]` follows it."""
        if self._ended:
            return b""
        self._ended = True
        return self._frames.error(error)

    def _end(self, event: AnswerFinished, rest: str) -> bytes:
        if self._ended:
            return b""
        pieces = self._write_pieces(rest)
        if self._ended or self._skipped.missing:
            return pieces or self.fail(spliced_error(self._response_id))
        self._ended = True
        return pieces + self._frames.ending(finish_reason(event), event.usage)

    def _take_text(self, delta: Delta) -> bytes:
        if (candidate := self._find_candidate(delta.stream)) is None:
            return b""
        new = candidate.add(delta.offset, delta.text)
        if not new:
            return b""
        if delta.stream == self._promoted:
            return self._write_content(new)
        self._hold(candidate, new)
        return b""

    def _find_candidate(self, stream: str) -> Candidate | None:
        known = self._candidates.get(stream)
        if known is not None or self._promoted is not None or len(self._candidates) >= MAX_CANDIDATES:
            return known
        return self._candidates.setdefault(stream, Candidate())

    def _hold(self, candidate: Candidate, text: str) -> None:
        if self._held + len(text) > MAX_HELD_CHARACTERS:
            candidate.give_up()
            return
        self._held += len(text)
        candidate.buffer(text)

    def _promote(self, stream: str) -> bytes:
        if stream == self._promoted:
            return b""
        if self._sent:  # another text replaces one that was sent: only the final event shows whether it fits
            self._candidates.clear()
            self._promoted = stream
            return b""
        promoted = self._candidates.get(stream) or Candidate()
        self._promoted = stream
        self._candidates = {stream: promoted}
        return self._write_content(promoted.release())

    def _write_content(self, text: str) -> bytes:
        if text:
            self._sent.append(text)
        return self._write_pieces(text)

    def _write_pieces(self, text: str) -> bytes:
        whole, text = text, self._skipped.rest_of(text)
        if len(text) < len(whole):
            self._frames.had(whole[: len(whole) - len(text)])
        if self._skipped.differs:
            return self.fail(spliced_error(self._response_id))
        if len(text) <= FRAME_CHARACTERS:
            return self._frames.content(text) if text else b""
        starts = range(0, len(text), FRAME_CHARACTERS)
        return b"".join(self._frames.content(text[start : start + FRAME_CHARACTERS]) for start in starts)
