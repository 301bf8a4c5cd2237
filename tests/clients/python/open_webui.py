"""Open WebUI as a process: its server, pointed at the gateway, with everything that needs the internet switched off."""

import json
import signal
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypedDict

import httpx

from tests.clients.python.visit import MODEL, FleetAddress

PROGRAM = Path(__file__).parents[3] / ".venv-open-webui" / "bin" / "open-webui"
STARTS_WITHIN_S = 90.0
ANSWERS_WITHIN_S = 30.0
_POLL_S = 0.2
_NOBODY_WAKES_US = Event()
_TASKS = ("title_generation", "tags_generation", "follow_up_generation")
Json = Mapping[str, object]


class Item(TypedDict, total=False):
    """Entry of the lists of its API, with the fields that the tests need."""

    id: str
    type: str
    message: dict[str, str]


@dataclass(frozen=True)
class OpenWebUI:
    """Open WebUI's API, used as by its own page, for a newly registered user."""

    http: httpx.Client

    def get(self, path: str) -> Json:
        return _object(self.http.get(path))

    def post(self, path: str, body: Json) -> Json:
        return _object(self.http.post(path, json=body))

    def chat(self, text: str, params: Json | None = None) -> "Chat":
        """Send a question in a new chat as the page does.

        The answer is streamed into the chat; then title, tags and follow-ups are requested.
        """
        asked, answered = str(uuid.uuid4()), str(uuid.uuid4())
        question: Json = {"id": asked, "parentId": None, "childrenIds": [answered], "role": "user", "content": text}
        chat_id = str(self.post("/api/v1/chats/new", {"chat": _new_chat(question, answered)})["id"])
        turn = {"chat_id": chat_id, "id": answered, "parent_id": asked, "user_message": question}
        asking = {"model": MODEL, "messages": [{"role": "user", "content": text}], "stream": True}
        page = {"session_id": "nobody-listens", "background_tasks": dict.fromkeys(_TASKS, True), "params": params or {}}
        self.post("/api/chat/completions", {**asking, **turn, **page})
        return Chat(self, chat_id, answered)


@dataclass(frozen=True)
class Chat:
    """A chat as Open WebUI keeps it."""

    webui: OpenWebUI
    id: str
    answer_id: str

    @property
    def whole(self) -> Json:
        return self.webui.get(f"/api/v1/chats/{self.id}")

    @property
    def answer(self) -> Json:
        """Message of the assistant, as its parsers understood the stream."""
        chat = _mapping(self.whole["chat"])
        return _mapping(_mapping(_mapping(chat["history"])["messages"])[self.answer_id])

    def finished(self) -> "Chat":
        """Wait for the complete answer and its follow-ups. Raises TimeoutError."""
        return self._until(lambda answer: bool(answer.get("error") or (answer.get("done") and "followUps" in answer)))

    def titled(self) -> "Chat":
        """Wait for the title of the chat. Raises TimeoutError."""
        return self._until(lambda _answer: self.whole["title"] != "New Chat")

    def _until(self, holds: Callable[[Json], bool]) -> "Chat":
        for _ in range(int(ANSWERS_WITHIN_S / _POLL_S)):
            if holds(self.answer):
                return self
            _NOBODY_WAKES_US.wait(_POLL_S)
        raise TimeoutError(json.dumps(self.answer))


@contextmanager
def open_webui(fleet: FleetAddress, folder: Path) -> Iterator[OpenWebUI]:
    """Run a new Open WebUI; yield it with a person signed in. Raises TimeoutError with the end of its log."""
    port = _free_port()
    log = folder / "open-webui.log"
    command = (str(PROGRAM), "serve", "--host", "127.0.0.1", "--port", str(port))
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=_variables(fleet, folder), stdout=output, stderr=output)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            _until_it_answers(http, process, log)
            _sign_up(http)
            yield OpenWebUI(http)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _new_chat(question: Json, answer_id: str) -> Json:
    blank = {"id": answer_id, "parentId": question["id"], "childrenIds": [], "role": "assistant", "content": ""}
    history = {"messages": {question["id"]: question, answer_id: {**blank, "model": MODEL}}, "currentId": answer_id}
    return {"title": "New Chat", "models": [MODEL], "params": {}, "history": history, "messages": [question, blank]}


def _variables(fleet: FleetAddress, folder: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "OPENAI_API_BASE_URL": fleet.v1,
        "OPENAI_API_KEY": fleet.key,
        "ENABLE_OLLAMA_API": "false",
        "ENABLE_FORWARD_USER_INFO_HEADERS": "true",
        "ENABLE_AUTOCOMPLETE_GENERATION": "true",
        "DEFAULT_MODEL_PARAMS": '{"function_calling": "legacy"}',  # else it sends 30 tools of its own with every chat
        "ENABLE_PERSISTENT_CONFIG": "false",
        "WEBUI_SECRET_KEY": "for tests only",
        "OFFLINE_MODE": "true",
        "HF_HUB_OFFLINE": "1",
        "RAG_EMBEDDING_ENGINE": "openai",  # no model of its own
        "AUDIO_STT_ENGINE": "openai",
        "ENABLE_VERSION_UPDATE_CHECK": "false",
        "ANONYMIZED_TELEMETRY": "false",
        "DO_NOT_TRACK": "true",
    }


def _until_it_answers(http: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(int(STARTS_WITHIN_S / _POLL_S)):
        if process.poll() is None and _answers(http):
            return
        _NOBODY_WAKES_US.wait(_POLL_S)
    raise TimeoutError(log.read_text()[-4000:])


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def _sign_up(http: httpx.Client) -> None:
    person = {"name": "Ada", "email": "ada@example.org", "password": "for-tests-only-A1!"}
    http.headers["authorization"] = f"Bearer {http.post('/api/v1/auths/signup', json=person).json()['token']}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _object(response: httpx.Response) -> Json:
    assert response.status_code == 200, f"{response.status_code}: {response.text}"
    return _mapping(response.json())


def _mapping(value: object) -> Json:
    assert isinstance(value, dict), value
    return value
