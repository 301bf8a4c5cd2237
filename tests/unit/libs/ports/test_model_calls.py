from dataclasses import replace

from libs.contracts.model_call import Usage
from libs.contracts.staffing import ModelRef
from libs.ports.llm import ChatMessage, Completion, ModelRequest, TokenUsage
from libs.ports.model_calls import prompt_sha256, record_call

REQUEST = ModelRequest(
    ModelRef(model="phi4:14b", server="gpu-1"), (ChatMessage("user", "Why?"),), timeout_s=9, stage="planner"
)


def test_a_record_says_who_was_asked_and_what_it_cost() -> None:
    usage = TokenUsage(prompt_tokens=3, completion_tokens=4, estimated=True)
    call = record_call(REQUEST, Completion("Because.", "length", usage, "phi4-reported", duration_s=1.2345))
    assert (call.stage, call.model, call.server) == ("planner", "phi4:14b", "gpu-1")
    assert call.usage == Usage(prompt_tokens=3, completion_tokens=4)
    assert (call.duration_ms, call.finish_reason, call.usage_estimated) == (1234, "length", True)


def test_the_prompt_is_recorded_as_its_hash_alone() -> None:
    call = record_call(REQUEST, Completion("Because.", "stop", TokenUsage(), "m", duration_s=0))
    assert len(call.prompt_sha256) == 64
    assert "Why?" not in call.model_dump_json()


def test_the_hash_tells_roles_and_texts_apart() -> None:
    one = replace(REQUEST, messages=(ChatMessage("user", "a"), ChatMessage("user", "b")))
    hashes = {
        prompt_sha256(one),
        prompt_sha256(replace(one, messages=(ChatMessage("user", "ab"),))),
        prompt_sha256(replace(one, messages=(ChatMessage("user", "a"), ChatMessage("assistant", "b")))),
    }
    assert len(hashes) == 3
    assert prompt_sha256(replace(one, timeout_s=1)) == prompt_sha256(one)
