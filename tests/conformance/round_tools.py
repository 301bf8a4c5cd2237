"""Fixture tools of the 2026 revision: they end with a request for input, and are called again with it."""

from mcp_types import (
    CallToolRequestParams,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequest,
    InputRequiredResult,
    InputResponse,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
)

from tests.conformance.pieces import Context, FixtureTool, Outcome, form, said, text


def ask(message: str, name: str, kind: str = "string") -> ElicitRequest:
    schema = form({name: {"type": kind}}, name)
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def answered(responses: dict[str, InputResponse] | None, key: str, name: str) -> str | None:
    """None for unusable input."""
    response = (responses or {}).get(key)
    if not isinstance(response, ElicitResult) or response.action != "accept":
        return None
    value = (response.content or {}).get(name)
    return None if value is None else str(value)


def _complete(question: str, most: int) -> CreateMessageRequest:
    messages = [SamplingMessage(role="user", content=text(question))]
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=messages, max_tokens=most))


def _wanted(requests: dict[str, InputRequest], state: str | None = None) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


_NAME = ask("What is your name?", "name")
_SAMPLE, _ROOTS = _complete("What is the capital of France?", 100), ListRootsRequest()


async def _elicitation(_: Context, params: CallToolRequestParams) -> Outcome:
    name = answered(params.input_responses, "user_name", "name")
    return said(f"Hello, {name}!") if name else _wanted({"user_name": _NAME})


async def _sampling(_: Context, params: CallToolRequestParams) -> Outcome:
    response = (params.input_responses or {}).get("capital_question")
    if not isinstance(response, CreateMessageResult):
        return _wanted({"capital_question": _SAMPLE})
    return said(f"The model said: {getattr(response.content, 'text', '')}")


async def _roots(_: Context, params: CallToolRequestParams) -> Outcome:
    response = (params.input_responses or {}).get("client_roots")
    if not isinstance(response, ListRootsResult):
        return _wanted({"client_roots": _ROOTS})
    return said(f"Roots: {', '.join(str(root.uri) for root in response.roots)}")


async def _state(_: Context, params: CallToolRequestParams) -> Outcome:
    if params.request_state == "confirmed?" and answered(params.input_responses, "confirm", "ok") is not None:
        return said("state-ok")
    return _wanted({"confirm": ask("Please confirm", "ok", "boolean")}, "confirmed?")


async def _several(_: Context, params: CallToolRequestParams) -> Outcome:
    asked: dict[str, InputRequest] = {
        "user_name": _NAME,
        "greeting": _complete("Generate a greeting", 50),
        "client_roots": _ROOTS,
    }
    if params.request_state == "three things" and asked.keys() <= (params.input_responses or {}).keys():
        return said("All three were answered.")
    return _wanted(asked, "three things")


async def _rounds(_: Context, params: CallToolRequestParams) -> Outcome:
    name = answered(params.input_responses, "step1", "name")
    if params.request_state == "round 1" and name:
        return _wanted({"step2": ask("Step 2: What is your favorite color?", "color")}, f"round 2 of {name}")
    color = answered(params.input_responses, "step2", "color")
    if (params.request_state or "").startswith("round 2") and color:
        return said(f"{(params.request_state or '').removeprefix('round 2 of ')} likes {color}.")
    return _wanted({"step1": ask("Step 1: What is your name?", "name")}, "round 1")


async def _by_capability(context: Context, _: CallToolRequestParams) -> Outcome:
    able = context.session.client_capabilities
    possible = (
        ("sampling", _SAMPLE, able is not None and able.sampling is not None),
        ("elicitation", _NAME, able is not None and able.elicitation is not None),
        ("roots", _ROOTS, able is not None and able.roots is not None),
    )
    asked: dict[str, InputRequest] = {key: request for key, request, can in possible if can}
    return _wanted(asked) if asked else said("This client can be asked nothing.")


ROUND_TOOLS = (
    FixtureTool("test_input_required_result_elicitation", _elicitation),
    FixtureTool("test_streaming_elicitation", _elicitation),
    FixtureTool("test_input_required_result_sampling", _sampling),
    FixtureTool("test_input_required_result_list_roots", _roots),
    FixtureTool("test_input_required_result_request_state", _state),
    FixtureTool("test_input_required_result_tampered_state", _state),
    FixtureTool("test_input_required_result_multiple_inputs", _several),
    FixtureTool("test_input_required_result_multi_round", _rounds),
    FixtureTool("test_input_required_result_capabilities", _by_capability),
)
