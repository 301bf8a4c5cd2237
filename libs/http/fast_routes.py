"""Fast routing of exact paths, past the framework."""

from collections.abc import Awaitable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class FastRoutes:
    """Dispatches methods with exact paths to `routes`, all others to `app`: the framework's work for a path with
    parameters costs as much as the rest of the gateway. Routes bring their own authentication and error responses."""

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._routes = dict(routes)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Not a coroutine: each frame of a stream would have to wake one more."""
        routed = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        return (routed or self._app)(scope, receive, send)
