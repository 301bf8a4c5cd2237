"""What a model server is sent."""

import orjson

from services.gateway.domain.dialects.chat import CHAT
from services.gateway.domain.direct.asked import model_body

SAID: dict[str, object] = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Hi"}]}


def sent(*, count: bool = True, **fields: object) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(model_body(CHAT.read({**SAID, **fields}), "judge", count=count))
    return body


def test_the_model_is_the_one_that_is_asked() -> None:
    assert sent()["model"] == "judge"


def test_unknown_fields_go_through_and_ours_do_not() -> None:
    body = sent(an_unknown_field={"a": [1]}, seed=7, no_cache=True, session_id="s")
    assert body == {**SAID, "model": "judge", "an_unknown_field": {"a": [1]}, "seed": 7}


def test_a_stream_is_always_counted() -> None:
    assert sent(stream=True)["stream_options"] == {"include_usage": True}


def test_other_wishes_about_the_stream_stay() -> None:
    options = sent(stream=True, stream_options={"include_usage": False, "include_obfuscation": False})["stream_options"]
    assert options == {"include_usage": True, "include_obfuscation": False}


def test_a_server_that_does_not_count_is_not_asked_to() -> None:
    assert "stream_options" not in sent(stream=True, count=False)
