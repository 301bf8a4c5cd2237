"""Every refusal names the field that is at fault as the client calls it."""

import json

import pytest

from services.gateway.dialects.by_path import DIALECTS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.naming import error_in, naming_message
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses.dialect import RESPONSES
from services.gateway.domain.errors import ApiError, prompt_too_long

MISSING = ApiError(400, "invalid_value", "The field is missing.", "messages[0].content[0].tool_use_id")


def test_a_field_of_a_chat_has_the_name_of_the_protocol() -> None:
    error = ApiError(400, "c", "`stop` is not supported: stop sequences are not applied.", "stop")
    told = error_in(error, MESSAGES.names)
    assert told.param == "stop_sequences"
    assert told.message == "`stop_sequences` is not supported: stop sequences are not applied."


def test_a_place_in_the_messages_of_a_chat_is_none_of_the_clients() -> None:
    error = ApiError(400, "c", "`messages[3].role`: No.", "messages[3].role")
    told = [error_in(error, dialect.names).param for dialect in (MESSAGES, RESPONSES, OLLAMA_CHAT, OLLAMA_GENERATE)]
    assert told == ["messages", "input", "messages", "prompt"]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_what_has_no_other_name_is_told_as_it_is(dialect: Dialect) -> None:
    for error in (ApiError(400, "c", "No.", "previous_response_id"), ApiError(500, "c", "No.")):
        assert error_in(error, dialect.names) is error


def test_protocols_without_a_place_for_the_field_tell_it_in_the_message() -> None:
    named = "messages[0].content[0].tool_use_id: The field is missing."
    assert json.loads(MESSAGES.error(MISSING))["error"]["message"] == named
    assert json.loads(OLLAMA_CHAT.error(MISSING))["error"] == named


@pytest.mark.parametrize(
    "error",
    [
        ApiError(400, "c", "`max_tokens`: too small.", "max_tokens"),
        ApiError(404, "model_not_found", "It does not exist.", "model"),
        ApiError(400, "c", "No."),
        prompt_too_long(5012, 4096),
    ],
    ids=["named-already", "no-400", "no-field", "read-by-agents"],
)
def test_other_messages_stay_as_they_are(error: ApiError) -> None:
    assert naming_message(error) == error.message
