"""GET /v1/provider-status."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from libs.http.context import caller_in
from libs.http.responses import json_response
from libs.ports.identity import Caller
from services.gateway.nodes import NodeStatus
from services.gateway.pipeline.app_context import AppContext


class Providers:
    def __init__(self, front: AppContext) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """Show the servers of which the caller may use all models. Admins see all servers, with URLs."""
        caller = caller_in(request.scope)
        seen = [node for node in await self._front.nodes.look() if _may_see(caller, node)]
        providers = [_fields(node, admin=caller.admin) for node in seen]
        return json_response(orjson.dumps({"object": "list", "data": providers}))


def _may_see(caller: Caller, node: NodeStatus) -> bool:
    return caller.admin or caller.grants.allow("model_endpoint", f"*@{node.name}")


def _fields(node: NodeStatus, *, admin: bool) -> dict[str, object]:
    fields: dict[str, object] = {
        "object": "provider",
        "id": node.name,
        "reachable": node.reachable,
        "rate_limited": node.error == "rate_limited",
        "error": node.error or None,
        "models": node.models,
        "latency_ms": round(node.took_ms, 1),
        "checked_at": int(node.checked_at),
    }
    return {**fields, "url": node.url} if admin else fields
