"""Verifies reported model calls without a result: each must be read by the work or reported by its cause."""

from collections.abc import Iterator, Sequence

from libs.adapters.models.read_recording_llm import KIND
from libs.contracts.model_call import ModelCall
from libs.contracts.progress import CallsMade
from libs.contracts.reported_calls import reported_calls
from libs.core.reads import Read
from libs.core.token_counts import tokens_of
from moe.replay.mismatch import ABSENT, RecordLocation, ReplayMismatch, compare
from moe.replay.read_player import ReadPlayer
from moe.replay.records import ReplayRecord
from moe.replay.stages import STAGES
from moe.replay.work import Verification


def is_reported_calls(said: ReplayRecord) -> bool:
    return isinstance(said.message, CallsMade)


def reported_calls_mismatches(history: Sequence[ReplayRecord], work: Verification) -> Iterator[ReplayMismatch]:
    """Yield reported calls that the work cannot have made.

    No other record shows the duration of an interrupted call, the estimate of its prompt, or the tokens that the model
    may have generated beyond the received text.
    """
    for said in history:
        if not isinstance(said.message, CallsMade):
            continue
        versions = work.causes.get(said.cause_id, [])
        if versions:
            place = RecordLocation(said.index, STAGES[type(versions[0].message)].service)
            yield from min((_envelope(place, said, cause) for cause in versions), key=len)
            yield from _calls(place, said, versions, work)
        else:
            yield RecordLocation(said.index, "unknown").missing("a record of this history", "envelope.causation_id")


def _envelope(place: RecordLocation, said: ReplayRecord, cause: ReplayRecord) -> tuple[ReplayMismatch, ...]:
    made = CallsMade(calls=reported_calls(said.message)).after(cause.message)
    made = made.bound(made.envelope.with_output_metadata(said.message.envelope.reads, 0))
    return compare(place, made, said.message, said.entry.payload, said.revision)


def _calls(
    place: RecordLocation, said: ReplayRecord, versions: Sequence[ReplayRecord], work: Verification
) -> Iterator[ReplayMismatch]:
    player = ReadPlayer(said.reads)
    if player.is_omitted:
        return
    if said.reads and player.sha256 not in work.descriptions:
        yield place.mismatch("reads[0].sha256", "a stage that the journal describes", ABSENT)
    handed_on = {call for cause in versions for call in reported_calls(cause.message)}
    for call in reported_calls(said.message):
        if call not in handed_on and not any(_is_read_of(call, read) for read in said.reads):
            yield place.mismatch("body.calls", ABSENT, call.model_dump_json())


def _is_read_of(call: ModelCall, read: Read) -> bool:
    """True if a read is that of a call: same prompt, and the same answer or a part of it."""
    values = read.values
    asked = tuple(str(values.get(name)) for name in ("model", "server", "prompt"))
    if read.kind != KIND or asked != (call.model, call.server, call.prompt_sha256):
        return False
    counted = values.get("prompt_tokens"), values.get("completion_tokens")
    if counted != (None, None):
        return counted == (call.usage.prompt_tokens, call.usage.completion_tokens)
    heard = tokens_of(len(str(values.get("text", ""))))
    was_stopped = bool(values.get("open"))
    told = call.usage.completion_tokens
    return call.usage_estimated and (told >= heard if was_stopped else told == heard)
