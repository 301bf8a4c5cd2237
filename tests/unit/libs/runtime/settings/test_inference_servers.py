"""`INFERENCE_SERVERS`: accepted values, and rejections in one line that names the variable."""

import orjson
import pytest

from libs.core.errors import ConfigurationError
from libs.runtime.settings.inference_servers import InferenceServer, parse_inference_servers

URL = "http://127.0.0.1:11434/v1"


def parse(*entries: object) -> tuple[InferenceServer, ...]:
    return parse_inference_servers(orjson.dumps(entries).decode())


def test_the_documented_line_is_enough() -> None:
    line = '[{"name":"local","url":"http://127.0.0.1:11434/v1","api_type":"openai"}]'

    assert parse_inference_servers(line) == (InferenceServer("local", URL),)


@pytest.mark.parametrize("empty", ["", "  ", "[]"])
def test_nothing_set_names_no_server(empty: str) -> None:
    assert parse_inference_servers(empty) == ()


def test_unknown_fields_are_ignored() -> None:
    entry = {"name": "a", "url": URL, "gpu_count": 2, "vram_gb": 24, "cost_factor": 1.5, "timeout": 300}

    assert parse(entry) == (InferenceServer("a", URL),)


def test_disabled_servers_are_left_out_unread() -> None:
    assert parse({"name": "a", "url": URL}, {"enabled": False, "api_type": "anthropic"}) == (InferenceServer("a", URL),)


@pytest.mark.parametrize("field", ["token", "api_key"])
def test_a_key_is_kept_secret(field: str) -> None:
    (server,) = parse({"name": "a", "url": URL, field: "sk-123"})

    assert server.token is not None
    assert server.token.get_secret_value() == "sk-123"
    assert "sk-123" not in repr(server)


def test_an_empty_key_is_no_key() -> None:
    assert parse({"name": "a", "url": URL, "token": ""})[0].token is None


def test_a_server_says_what_clients_may_set_and_whose_prompts_it_caches() -> None:
    (server,) = parse({"name": "a", "url": URL, "pass": ["store", "top_a"], "cache_salt": True, "single_tenant": True})
    assert (server.passed, server.cache_salt, server.single_tenant) == (frozenset({"store", "top_a"}), True, True)
    (plain,) = parse({"name": "a", "url": URL})
    assert (plain.passed, plain.cache_salt, plain.single_tenant) == (frozenset(), False, False)


def test_a_server_may_say_that_its_models_are_small() -> None:
    assert parse({"name": "a", "url": URL, "small": True})[0].small


@pytest.mark.parametrize(
    ("url", "api_type", "base"),
    [
        ("http://h:1", "openai", "http://h:1/v1"),
        ("http://h:1/", "openai", "http://h:1/v1"),
        ("http://h:1/v1/", "openai", "http://h:1/v1"),
        ("https://h/openai/v1", "openai", "https://h/openai/v1"),
        ("https://h/v1/chat/completions", "openai", "https://h/v1"),
        ("http://h:11434", "ollama", "http://h:11434/v1"),
        ("http://h:11434/api", "ollama", "http://h:11434/v1"),
        ("http://h:11434/v1", "Ollama", "http://h:11434/v1"),
        ("http://[::1]:8080", "openai", "http://[::1]:8080/v1"),
    ],
)
def test_the_url_ends_where_the_chat_endpoint_begins(url: str, api_type: str, base: str) -> None:
    assert parse({"name": "a", "url": url, "api_type": api_type})[0].url == base


@pytest.mark.parametrize(
    "value",
    [
        "{",
        "{}",
        "[1]",
        "null",
        '"text"',
        '[{"url":"http://h"}]',
        '[{"name":"","url":"http://h"}]',
        '[{"name":"a@b","url":"http://h"}]',
        '[{"name":7,"url":"http://h"}]',
        '[{"name":"a"}]',
        '[{"name":"a","url":"h:1"}]',
        '[{"name":"a","url":"ftp://h"}]',
        '[{"name":"a","url":"http://"}]',
        '[{"name":"a","url":"http://h:99999"}]',
        '[{"name":"a","url":"http://[::1"}]',
        '[{"name":"a","url":"http://h","api_type":"anthropic"}]',
        '[{"name":"a","url":"http://h","small":"yes"}]',
        '[{"name":"a","url":"http://h","enabled":"yes"}]',
        '[{"name":"a","url":"http://h","cache_salt":"yes"}]',
        '[{"name":"a","url":"http://h","single_tenant":1}]',
        '[{"name":"a","url":"http://h","pass":"store"}]',
        '[{"name":"a","url":"http://h","pass":[7]}]',
        '[{"name":"a","url":"http://h","pass":["a b"]}]',
        '[{"name":"a","url":"http://h","pass":["model"]}]',
        '[{"name":"a","url":"http://h","pass":["cache_salt"]}]',
        '[{"name":"a","url":"http://h","pass":["n_predict","max_tokens"]}]',
        '[{"name":"a","url":"http://h"},{"name":"a","url":"http://i"}]',
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_inference_servers(value)

    message = str(caught.value)
    assert message.startswith("INFERENCE_SERVERS: ")
    assert "\n" not in message


@pytest.mark.parametrize("url", ["http://user:sk-123@h/v1", "http://h/v1?api-key=sk-123", "http://h/v1#sk-123"])
def test_a_key_in_the_url_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse({"name": "a", "url": url})

    assert "belongs in token" in str(caught.value)
    assert "sk-123" not in str(caught.value)


def test_a_small_server_is_always_asked_for_streams() -> None:
    (small,), (plain,), (proxied,) = (
        parse({"name": "a", "url": URL, "small": True}),
        parse({"name": "a", "url": URL}),
        parse({"name": "a", "url": URL, "stream": True}),
    )

    assert (small.stream, plain.stream, proxied.stream) == (True, False, True)
