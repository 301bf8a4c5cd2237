"""Every body is either read or rejected."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.dialects.by_path import DIALECTS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.embeddings import EmbeddingsBody, texts_of
from services.gateway.dialects.messages.count import count_body
from services.gateway.domain.body.json import checked
from services.gateway.domain.errors import RequestRefused

WORDS = [
    "type",
    "text",
    "role",
    "content",
    "user",
    "assistant",
    "system",
    "tool",
    "message",
    "tool_use",
    "tool_result",
    "image",
    "document",
    "source",
    "base64",
    "data",
    "url",
    "media_type",
    "id",
    "name",
    "input",
    "tool_use_id",
    "function_call",
    "function_call_output",
    "call_id",
    "arguments",
    "output",
    "reasoning",
    "input_text",
    "input_image",
    "image_url",
    "function",
    "tool_calls",
    "images",
    "auto",
    "none",
    "any",
    "json",
    "json_schema",
    "schema",
    "is_error",
    "thinking",
    "enabled",
    "m",
]
FIELDS = [
    "model",
    "messages",
    "max_tokens",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "stream",
    "input",
    "instructions",
    "text",
    "previous_response_id",
    "background",
    "prompt",
    "suffix",
    "format",
    "options",
    "think",
    "temperature",
    "stop",
    "stop_sequences",
    "output_config",
    "response_format",
    "stream_options",
    "store",
]
LEAF = st.none() | st.booleans() | st.integers(-3, 2**63) | st.floats(allow_nan=False) | st.sampled_from(["", *WORDS])
VALUE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool"]), "content": VALUE},
    optional={"type": st.sampled_from(WORDS), "images": VALUE, "tool_calls": VALUE, "tool_name": VALUE},
)
BODY = st.fixed_dictionaries(
    {
        "model": st.just("m"),
        "messages": st.lists(TURN, max_size=3) | VALUE,
        "input": st.lists(TURN, max_size=3) | VALUE,
    },
    optional={name: VALUE for name in FIELDS if name not in ("model", "messages", "input")},
)


def read_or_refused(read: Callable[[object], object], body: object) -> None:
    refusal = None
    try:
        read(body)
    except RequestRefused as refused:
        refusal = refused.error
    assert refusal is None or (400 <= refusal.status < 500 and refusal.message)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@settings(max_examples=60, deadline=None)
@given(body=BODY | VALUE)
def test_any_body_is_read_or_refused(dialect: Dialect, body: object) -> None:
    read_or_refused(dialect.read, body)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@settings(max_examples=40, deadline=None)
@given(body=BODY)
def test_what_a_model_server_would_be_sent_is_json(dialect: Dialect, body: object) -> None:
    try:
        ask = dialect.read(body)
    except RequestRefused:
        return
    assert json.loads(json.dumps(ask.raw))["model"] == "m"
    if ask.echo:
        assert isinstance(json.loads(ask.echo), dict)


@settings(max_examples=40, deadline=None)
@given(body=BODY)
def test_any_body_is_counted_or_refused(body: object) -> None:
    read_or_refused(count_body, body)


@settings(max_examples=40, deadline=None)
@given(body=BODY)
def test_any_body_is_embedded_or_refused(body: object) -> None:
    read_or_refused(lambda value: texts_of(checked(EmbeddingsBody, value).input), body)
