"""A LangGraph graph of the fleet's shape behind an OpenAI chat route: plan, four experts, merge, critic.

`python langgraph_app.py --port N --models URL [--postgres URL]`. With Postgres every step is checkpointed before the
next one begins (`durability="sync"`), the closest promise to an accepted request that is not lost.
"""

import argparse
import json
import operator
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Annotated, TypeAlias, TypedDict

import aiohttp
import uvicorn
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

Message: TypeAlias = dict[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Reply: TypeAlias = Callable[[Message], Awaitable[None]]

PLANNER = "You are the planner of the graph. Split the question into one to four tasks, as a JSON list."
EXPERT = "You are the {category} expert of the graph. Answer with KEY_MESSAGE, CONFIDENCE and DETAILS."
JUDGE = "You are the judge of the graph. Make one answer of what the experts found."
CRITIC = "You are the critic of the graph. Reply CONFIRMED or with a corrected answer."


class State(TypedDict, total=False):
    """State shared by the graph's nodes."""

    question: str
    tasks: list[dict[str, str]]
    findings: Annotated[list[str], operator.add]
    draft: str
    answer: str


class Nodes:
    """The steps, each one model call."""

    def __init__(self, http: aiohttp.ClientSession, models: str) -> None:
        self._http = http
        self._models = models

    async def plan(self, state: State) -> State:
        return {"tasks": json.loads(await self._ask(PLANNER, state["question"]))["tasks"]}

    async def expert(self, state: State) -> State:
        (task,) = state["tasks"]
        return {"findings": [await self._ask(EXPERT.format(**task), f"{task['task']}\n{state['question']}")]}

    async def merge(self, state: State) -> State:
        return {"draft": await self._ask(JUDGE, "\n---\n".join([state["question"], *state["findings"]]))}

    async def check(self, state: State) -> State:
        verdict = await self._ask(CRITIC, f"{state['question']}\n---\n{state['draft']}")
        return {"answer": state["draft"] if verdict.strip() == "CONFIRMED" else verdict}

    async def _ask(self, system: str, user: str) -> str:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        body = {"model": "scripted:7b", "messages": messages}
        async with self._http.post(f"{self._models}/chat/completions", json=body) as response:
            return str((await response.json())["choices"][0]["message"]["content"])


def fan_out(state: State) -> list[Send]:
    return [Send("expert", {"question": state["question"], "tasks": [task]}) for task in state["tasks"]]


def graph_of(nodes: Nodes) -> StateGraph:
    graph = StateGraph(State)
    for name, node in (("plan", nodes.plan), ("expert", nodes.expert), ("merge", nodes.merge), ("check", nodes.check)):
        graph.add_node(name, node)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", fan_out, ["expert"])
    graph.add_edge("expert", "merge")
    graph.add_edge("merge", "check")
    graph.add_edge("check", END)
    return graph


class Application:
    """POST anything: the last message is the question. GET /ready when it is."""

    def __init__(self, models: str, postgres: str) -> None:
        self._models = models
        self._postgres = postgres
        self._stack = AsyncExitStack()

    async def __call__(self, scope: Message, receive: Receive, send: Reply) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["method"] == "GET":
            await self._reply(send, {"ready": True})
        else:
            await self._answer(receive, send)

    async def _live(self, receive: Receive, send: Reply) -> None:
        await receive()
        await self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        http = await self._stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        graph = graph_of(Nodes(http, self._models))
        self._options = {"durability": "sync"} if self._postgres else {}
        self._graph = graph.compile(checkpointer=await self._checkpointer())

    async def _checkpointer(self) -> AsyncPostgresSaver | None:
        if not self._postgres:
            return None
        options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        pool = AsyncConnectionPool(self._postgres, min_size=2, max_size=16, kwargs=options, open=False)
        saver = AsyncPostgresSaver(await self._stack.enter_async_context(pool))
        await saver.setup()
        return saver

    async def _answer(self, receive: Receive, send: Reply) -> None:
        raw, more = b"", True
        while more:
            message = await receive()
            piece = message.get("body", b"")
            assert isinstance(piece, bytes)
            raw += piece
            more = bool(message.get("more_body", False))
        start = {"question": json.loads(raw)["messages"][-1]["content"], "findings": []}
        thread = {"configurable": {"thread_id": uuid.uuid4().hex}}
        end = await self._graph.ainvoke(start, thread, **self._options)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": end["answer"]}}
        await self._reply(send, {"object": "chat.completion", "choices": [choice]})

    async def _reply(self, send: Reply, body: Message) -> None:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--postgres", default="")
    given = parser.parse_args()
    application = Application(given.models.rstrip("/"), given.postgres)
    uvicorn.run(application, host="127.0.0.1", port=given.port, log_level="warning", access_log=False)
