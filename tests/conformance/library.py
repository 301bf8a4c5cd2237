"""Fixture prompts and resources, and the endpoints that only they make sense of."""

import json
import re

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    BlobResourceContents,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    ContentBlock,
    EmptyResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    RequestParams,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from tests.conformance.pieces import PNG, Context, document, image, text
from tests.conformance.round_tools import answered, ask

_ARGUMENTS = {
    "test_simple_prompt": (),
    "test_prompt_with_arguments": ("arg1", "arg2"),
    "test_prompt_with_embedded_resource": ("resourceUri",),
    "test_prompt_with_image": (),
    "test_input_required_result_prompt": (),
}
_RESOURCES = {
    "test://static-text": "text/plain",
    "test://static-binary": "image/png",
    "test://watched-resource": "text/plain",
}
_TEMPLATE = re.compile(r"test://template/([^/]+)/data")


async def list_prompts(_: Context, __: PaginatedRequestParams | None) -> ListPromptsResult:
    return ListPromptsResult(prompts=[_listed(name, needed) for name, needed in _ARGUMENTS.items()])


def _listed(name: str, needed: tuple[str, ...]) -> Prompt:
    arguments = [PromptArgument(name=one, required=True) for one in needed]
    return Prompt(name=name, description="A fixture.", arguments=arguments)


async def get_prompt(_: Context, params: GetPromptRequestParams) -> GetPromptResult | InputRequiredResult:
    given = params.arguments or {}
    match params.name:
        case "test_simple_prompt":
            return _prompt(text("This is a simple prompt for testing."))
        case "test_prompt_with_arguments":
            return _prompt(text(f"Prompt with arguments: arg1='{given.get('arg1')}', arg2='{given.get('arg2')}'"))
        case "test_prompt_with_embedded_resource":
            kept = document(given.get("resourceUri", ""), "Embedded resource content for testing.")
            return _prompt(kept, text("Please process the embedded resource above."))
        case "test_prompt_with_image":
            return _prompt(image(), text("Please analyze the image above."))
        case "test_input_required_result_prompt":
            return _prompt_in_rounds(params)
        case _:
            raise MCPError(INVALID_PARAMS, f"there is no prompt {params.name!r}")


def _prompt_in_rounds(params: GetPromptRequestParams) -> GetPromptResult | InputRequiredResult:
    context = answered(params.input_responses, "user_context", "context")
    if context is None:
        asked = ask("What context should the prompt use?", "context")
        return InputRequiredResult(input_requests={"user_context": asked})
    return _prompt(text(f"Use this context: {context}"))


def _prompt(*contents: ContentBlock) -> GetPromptResult:
    return GetPromptResult(messages=[PromptMessage(role="user", content=one) for one in contents])


async def list_resources(_: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
    listed = [
        Resource(uri=uri, name=uri.removeprefix("test://"), description="A fixture.", mime_type=mime_type)
        for uri, mime_type in _RESOURCES.items()
    ]
    return ListResourcesResult(resources=listed)


async def list_templates(_: Context, __: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    template = ResourceTemplate(uri_template="test://template/{id}/data", name="data", mime_type="application/json")
    return ListResourceTemplatesResult(resource_templates=[template])


async def read_resource(_: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
    uri = str(params.uri)
    if uri == "test://static-binary":
        return ReadResourceResult(contents=[BlobResourceContents(uri=uri, mime_type="image/png", blob=PNG)])
    if found := _TEMPLATE.fullmatch(uri):
        told = {"id": found[1], "templateTest": True, "data": f"Data for ID: {found[1]}"}
        return _document(uri, json.dumps(told), "application/json")
    if uri not in _RESOURCES:
        raise MCPError(INVALID_PARAMS, "there is no such resource", {"uri": uri})
    return _document(uri, f"This is the content of the {uri.removeprefix('test://').replace('-', ' ')} resource.")


def _document(uri: str, words: str, mime_type: str = "text/plain") -> ReadResourceResult:
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=mime_type, text=words)])


async def complete(_: Context, params: CompleteRequestParams) -> CompleteResult:
    begun = params.argument.value
    values = [word for word in ("paris", "park", "party") if word.startswith(begun)]
    return CompleteResult(completion=Completion(values=values, total=len(values), has_more=False))


async def agree(_: Context, __: RequestParams) -> EmptyResult:
    """Accept a level of logging, a subscription, or its end."""
    return EmptyResult()
