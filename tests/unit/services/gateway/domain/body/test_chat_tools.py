"""Tools and formats that are passed on: functions of the client, described by schemas that nothing is fetched for."""

import pytest

from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT
from services.gateway.domain.errors import RequestRefused

HI = [{"role": "user", "content": "Hi"}]
REMOTE = {"type": "object", "properties": {"a": {"$ref": "http://169.254.169.254/schema.json"}}}
LOCAL = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}, "$schema": "http://json-schema.org/draft-07/schema#"}


def function(**more: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": "f", **more}}


def refusal(**fields: object) -> tuple[str, str | None]:
    with pytest.raises(RequestRefused) as caught:
        CHAT.read({"model": "m", "messages": HI, **fields})
    assert caught.value.error.status == 400
    return caught.value.error.code, caught.value.error.param


@pytest.mark.parametrize("kind", ["mcp", "web_search", "file_search", "code_interpreter", 7])
def test_tools_that_a_server_runs_by_itself_are_refused(kind: object) -> None:
    tool = {"type": kind, "server_url": "http://169.254.169.254/"}
    assert refusal(tools=[function(), tool]) == ("unsupported_parameter", "tools[1].type")


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [function(parameters=REMOTE)]},
        {"tools": [function(parameters={"anyOf": [{"$dynamicRef": "other.json"}]})]},
        {"functions": [{"name": "f", "parameters": REMOTE}]},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": REMOTE}}},
    ],
)
def test_a_schema_that_a_server_would_fetch_is_refused(fields: dict[str, object]) -> None:
    code, param = refusal(**fields)
    assert (code, (param or "").partition("[")[0].partition(".")[0]) == (
        "remote_schema_not_allowed",
        next(iter(fields)),
    )


def test_a_schema_that_a_server_would_fetch_is_refused_in_other_protocols() -> None:
    tool = {"name": "f", "input_schema": REMOTE}
    with pytest.raises(RequestRefused) as caught:
        MESSAGES.read({"model": "m", "max_tokens": 9, "messages": HI, "tools": [tool]})
    assert caught.value.error.code == "remote_schema_not_allowed"
    with pytest.raises(RequestRefused) as caught:
        OLLAMA_CHAT.read({"model": "m", "messages": HI, "format": REMOTE})
    assert (caught.value.error.code, caught.value.error.param) == ("remote_schema_not_allowed", "format")


def test_schemas_that_refer_to_their_own_parts_pass() -> None:
    properties = {"properties": {"$ref": {"type": "string"}}}
    tools = [function(parameters=LOCAL), function(parameters=properties, strict=True)]
    assert CHAT.read({"model": "m", "messages": HI, "tools": tools}).raw["tools"] == tools


def test_unknown_fields_of_tools_and_formats_are_left_out() -> None:
    tool = {**function(cache_control={"type": "ephemeral"}), "server_url": "http://a/"}
    form = {"type": "json_object", "schema": REMOTE, "grammar": "root ::= x"}
    raw = CHAT.read({"model": "m", "messages": HI, "tools": [tool], "response_format": form}).raw
    assert (raw["tools"], raw["response_format"]) == ([function()], {"type": "json_object"})


@pytest.mark.parametrize("kind", ["grammar", "structural_tag", "regex", None])
def test_formats_of_single_servers_are_refused(kind: object) -> None:
    assert refusal(response_format={"type": kind}) == ("invalid_value", "response_format.type")
