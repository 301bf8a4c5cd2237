"""A real HTTP server that serves scripted chat completions and records every call."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import asdict, replace

from aiohttp import web

from libs.core.resource import Resource
from libs.testing.model_server.call_log import WAIT_TIMEOUT_S, Call, CallLog
from libs.testing.model_server.embedding import embeddings_body
from libs.testing.model_server.pipeline import pipeline_script
from libs.testing.model_server.reading import BadRequest, read_prompt
from libs.testing.model_server.script import Prompt, Reply, Rule, error_reply
from libs.testing.model_server.sending import send_reply
from libs.testing.waiting import eventually

MAX_REQUEST_BYTES = 64 << 20
_NO_RULE = error_reply(500, "no rule of the script matches")


class ModelServer(Resource):
    """Serves on 127.0.0.1 while its context is entered. Without rules it plays the whole pipeline.

    `api_key`: other keys get 401. `models`: other models get 404. `port` 0 takes a free one. `slots` replies are made
    at a time, and further calls wait without a word, as at a real model; 0: any number.
    """

    def __init__(
        self,
        rules: Sequence[Rule] | None = None,
        *,
        api_key: str = "",
        models: Sequence[str] = (),
        port: int = 0,
        slots: int = 0,
    ) -> None:
        self.log = CallLog()
        self._rules = tuple(pipeline_script() if rules is None else rules)
        self._used: Counter[int] = Counter()
        self._api_key = api_key
        self._models = tuple(models)
        self._port = port
        self._slot: AbstractAsyncContextManager[object] = asyncio.Semaphore(slots) if slots else nullcontext()
        self._runner = web.AppRunner(
            self._application(), access_log=None, handler_cancellation=True, shutdown_timeout=0
        )

    @property
    def url(self) -> str:
        """Ends in `/v1`."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def calls(self) -> tuple[Call, ...]:
        """Ended calls in the order of their ends."""
        return self.log.calls

    @property
    def connections(self) -> int:
        """Connected clients, idle ones included."""
        return len(self._runner.server.connections) if self._runner.server else 0

    async def wait_connections(self, count: int, timeout_s: float = WAIT_TIMEOUT_S) -> None:
        """Wait until at most `count` clients are connected. Raises TimeoutError."""
        await eventually(lambda: self.connections <= count, within_s=timeout_s)

    async def _enter(self, stack: AsyncExitStack) -> None:
        await self._runner.setup()
        stack.push_async_callback(self._runner.cleanup)
        await web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024).start()
        self._port = int(self._runner.addresses[0][1])

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=MAX_REQUEST_BYTES)
        application.add_routes(
            [
                web.post("/v1/chat/completions", self._chat),
                web.post("/v1/embeddings", self._embed),
                web.get("/v1/models", self._list_models),
                web.get("/calls", self._list_calls),
                web.delete("/calls", self._forget_calls),
            ]
        )
        return application

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        try:
            prompt = read_prompt(await request.read())
        except BadRequest as error:
            prompt, reply = Prompt(model="", messages=()), error_reply(400, str(error))
        else:
            reply = self._refusal(request, prompt) or self._reply(prompt)
        call = await self.log.begin(prompt, reply.status, _address(request))
        call = replace(call, headers=_headers(request))
        try:
            async with self._slot:
                return await send_reply(request, prompt, reply)
        except (asyncio.CancelledError, ConnectionError):
            call = replace(call, disconnected=True)
            raise
        finally:
            await self.log.end(call)

    def _refusal(self, request: web.Request, prompt: Prompt) -> Reply | None:
        if not self._is_authorized(request):
            return error_reply(401, "Incorrect API key provided", code="invalid_api_key")
        if self._models and prompt.model not in self._models:
            return error_reply(404, "The model does not exist", code="model_not_found")
        return None

    def _is_authorized(self, request: web.Request) -> bool:
        return not self._api_key or request.headers.get("authorization") == f"Bearer {self._api_key}"

    def _reply(self, prompt: Prompt) -> Reply:
        for index, rule in enumerate(self._rules):
            if rule.matches(prompt) and (rule.times is None or self._used[index] < rule.times):
                self._used[index] += 1
                return rule.reply
        return _NO_RULE

    async def _embed(self, request: web.Request) -> web.Response:
        if not self._is_authorized(request):
            raise web.HTTPUnauthorized
        try:
            return web.Response(body=embeddings_body(await request.read()), content_type="application/json")
        except BadRequest as error:
            raise web.HTTPBadRequest(text=str(error)) from error

    async def _list_models(self, request: web.Request) -> web.Response:
        if not self._is_authorized(request):
            raise web.HTTPUnauthorized
        names = self._models or ("scripted",)
        entries = [{"id": name, "object": "model", "created": 0, "owned_by": "scripted"} for name in names]
        return web.json_response({"object": "list", "data": entries})

    async def _list_calls(self, request: web.Request) -> web.Response:
        calls = [asdict(call) for call in self.calls]
        counts = {"in_flight": self.log.in_flight, "max_in_flight": self.log.max_in_flight}
        return web.json_response({"calls": calls, **counts})

    async def _forget_calls(self, request: web.Request) -> web.Response:
        self.log.forget()
        return web.Response(status=204)


def _headers(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items() if name.lower() != "authorization"}


def _address(request: web.Request) -> str:
    host, port = request.get_extra_info("peername", ("", 0))[:2]
    return f"{host}:{port}"
