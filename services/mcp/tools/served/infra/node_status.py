"""`node_status`: model servers of the gateway, at their last check."""

from pydantic import Field

from services.mcp.contract import (
    Annotations,
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.served.infra.gateway import Gateway, Provider
from services.mcp.tools.served.web.site import Source, instant
from services.mcp.tools.served.web.text import line

MAX_NAME_CHARS = 120
MAX_NODES = 200
MAX_MODELS = 100


class NodeStatusArguments(ToolModel):
    """The name of a model server; empty for all of them."""

    node_name: str = Field("", max_length=MAX_NAME_CHARS)


class Node(ToolModel):
    """One model server; `latency_ms` is that of its last check, `error` empty where there is none."""

    name: str
    reachable: bool
    rate_limited: bool
    error: str
    latency_ms: float | None
    checked_at: str
    models: tuple[str, ...]


class NodeStatusResult(ToolModel):
    """Model servers in the gateway's order."""

    nodes: tuple[Node, ...]
    source: Source


def node_status(gateway: Gateway, why_not: str | None) -> ServedTool[NodeStatusArguments, NodeStatusResult]:
    async def run(arguments: NodeStatusArguments, _: Caller) -> NodeStatusResult:
        response = await gateway.providers()
        wanted = arguments.node_name.strip()
        nodes = tuple(_node(one) for one in response.reply.data[:MAX_NODES] if wanted in {"", one.id})
        if wanted and not nodes:
            raise ToolError("not_found", "node_name: the gateway knows no such model server")
        return NodeStatusResult(nodes=nodes, source=response.source)

    return ServedTool(
        name="node_status",
        group="data",
        description=Bilingual(
            en="Which model servers of the fleet can be reached", de="Welche Modellserver der Flotte erreichbar sind"
        ),
        keywords=Bilingual(
            en="node server status reachable online fleet models",
            de="knoten server status erreichbar online flotte modelle",
        ),
        arguments=NodeStatusArguments,
        result=NodeStatusResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="node_name_chars", value=MAX_NAME_CHARS, unit="characters"),
            Limit(name="nodes", value=MAX_NODES, unit="servers"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"node_name": 7}, code="invalid_argument"),
        annotations=Annotations(open_world=True),
        unavailable=why_not,
    )


def _node(one: Provider) -> Node:
    return Node(
        name=line(one.id, MAX_NAME_CHARS),
        reachable=one.reachable,
        rate_limited=one.rate_limited,
        error=line(one.error, 200),
        latency_ms=one.latency_ms,
        checked_at=instant(one.checked_at),
        models=tuple(line(model, 200) for model in one.models[:MAX_MODELS]),
    )


def _phrase(result: NodeStatusResult, style: AnswerStyle) -> str:
    reached = sum(node.reachable for node in result.nodes)
    away = ", ".join(node.name for node in result.nodes if not node.reachable)
    if style.language == "de":
        return f"{reached} von {len(result.nodes)} Modellservern sind erreichbar{f'; nicht: {away}' if away else ''}."
    return f"{reached} of {len(result.nodes)} model servers can be reached{f'; not: {away}' if away else ''}."


_EXAMPLE = Example(
    args={},
    result={
        "nodes": [
            {
                "name": "local",
                "reachable": True,
                "rate_limited": False,
                "error": "",
                "latency_ms": 4.2,
                "checked_at": "2025-05-01T10:00:00Z",
                "models": ["qwen3:8b"],
            },
            {
                "name": "big",
                "reachable": False,
                "rate_limited": False,
                "error": "no connection",
                "latency_ms": 0.0,
                "checked_at": "2025-05-01T10:00:00Z",
                "models": [],
            },
        ],
        "source": {
            "name": "the gateway",
            "url": "http://gateway:8002/v1/provider-status",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="1 of 2 model servers can be reached; not: big.",
)
