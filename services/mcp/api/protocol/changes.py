"""Notifies subscribed clients when the list of tools changes, because an admin switched a tool on any instance."""

import asyncio
from contextlib import AsyncExitStack

from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ToolsListChanged
from mcp_types import INTERNAL_ERROR, SubscriptionsListenRequestParams, SubscriptionsListenResult

from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from services.mcp.api.protocol.session_limiter import SessionLimiter, SessionLimitReached
from services.mcp.api.protocol.session_owner import key_of
from services.mcp.tools.toolbox import Toolbox

LOOK_EVERY_S = 1.0


class _Listeners(ListenHandler):
    """The SDK's handler with a limit per key."""

    def __init__(self, bus: InMemorySubscriptionBus, most: int) -> None:
        super().__init__(bus, max_subscriptions=most)
        self._sessions = SessionLimiter(most, "Listeners")

    async def __call__(
        self, ctx: ServerRequestContext[None], params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        try:
            with self._sessions.session(key_of(ctx)):
                return await super().__call__(ctx, params)
        except SessionLimitReached as error:
            raise MCPError(INTERNAL_ERROR, str(error)) from error


class ListChanges(Resource):
    """Polls the switches, which are in memory. Enter it before the first subscription; `listen` handles
    subscriptions."""

    def __init__(self, toolbox: Toolbox, most: int) -> None:
        self.bus = InMemorySubscriptionBus()
        self.listen = _Listeners(self.bus, most)
        self._toolbox = toolbox
        self._failure: BaseException | None = None
        self._tasks = TaskSet(self._failed)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._raise_failure)
        stack.push_async_callback(self._tasks.cancel)
        stack.callback(self.listen.close)
        self._tasks.start(self._watch(), name="mcp list of tools")

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        """End all subscriptions."""
        self.listen.close()

    async def _watch(self) -> None:
        known = self._toolbox.enabled()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if (now := self._toolbox.enabled()) is not None and now != known:
                if known is not None:  # else this is the first load
                    await self.bus.publish(ToolsListChanged())
                known = now

    def _failed(self, error: BaseException) -> None:
        self._failure = error
