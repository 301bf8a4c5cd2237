"""The conversation of a request, as recorded on the log."""

from pathlib import Path

from libs.contracts.progress import RequestOpened
from libs.testing.model_server import ModelServer
from tests.support.fleet import Client, Stores, whole_fleet


async def session_of(client: Client, *said: str, header: str = "", body: str = "") -> str:
    """Send a request, and return its session."""
    before = {event.envelope.response_id for event in client.events(RequestOpened)}
    messages = [{"role": "user", "content": text} for text in said]
    headers = {"x-session-id": header} if header else {}
    fields: dict[str, object] = {"model": "moe-orchestrator", "messages": messages}
    fields |= {"session_id": body} if body else {}
    response = await client.http.post("/v1/chat/completions", json=fields, headers=headers)
    assert response.status_code == 200, response.text
    (opened,) = (event for event in client.events(RequestOpened) if event.envelope.response_id not in before)
    assert isinstance(opened, RequestOpened)
    return opened.session


async def test_a_named_conversation_is_one_session_and_its_name_stays_inside(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path), tools=True) as client:
        first = await session_of(client, "What is 17 * 23?", header="chat-7")
        assert await session_of(client, "What is 17 * 24?", header="chat-7") == first
        assert await session_of(client, "What is 17 * 23?", body="chat-7") == first
        assert await session_of(client, "What is 17 * 23?", header="chat-8") != first
        assert len(first) == 32
        assert "chat" not in first


async def test_an_unnamed_conversation_is_known_by_its_beginning(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path), tools=True) as client:
        said = ("What is 1 + 1?", "What is 1 + 2?", "What is 1 + 3?")
        third = await session_of(client, *said)
        assert await session_of(client, *said, "What is 1 + 4?") == third
        assert await session_of(client, "What is 1 + 9?", *said) != third
