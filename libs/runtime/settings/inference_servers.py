"""Parses `INFERENCE_SERVERS`, the configured model servers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

import orjson
from pydantic import SecretStr

from libs.core.errors import ConfigurationError

VARIABLE = "INFERENCE_SERVERS"
ApiType = Literal["openai", "ollama"]
_KNOWN_TYPES: tuple[str, ...] = get_args(ApiType)
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
# Request fields that the gateway writes or bounds itself; clients cannot set them.
RESERVED = frozenset(
    {
        "model",
        "messages",
        "tools",
        "functions",
        "response_format",
        "stream",
        "stream_options",
        "n",
        "max_tokens",
        "max_completion_tokens",
        "cache_salt",
    }
)


@dataclass(frozen=True, slots=True)
class InferenceServer:
    """One OpenAI-compatible server. `url` ends before `/chat/completions`, without a slash.

    `small`: its models cannot plan or follow an output contract. `stream`: request a stream even when no client reads
    the text early. Some servers detect a disconnected client only while streaming, and some proxies cut connections
    that stay silent for long.

    `passed`: request fields that clients may set besides the documented ones. `cache_salt`: the server supports this
    field, as vLLM does, and separates the cached prompts of tenants by it. `single_tenant`: the server caches prompts
    of one tenant only, so clients may see how much of their prompts was cached.
    """

    name: str
    url: str
    api_type: ApiType = "openai"
    token: SecretStr | None = field(default=None, repr=False)
    small: bool = False
    stream: bool = False
    passed: frozenset[str] = frozenset()
    cache_salt: bool = False
    single_tenant: bool = False


def parse_inference_servers(value: str) -> tuple[InferenceServer, ...]:
    """Parse the JSON list: empty text is an empty list, disabled entries are skipped, unknown fields are ignored.

    Raises ConfigurationError, which names the variable and the entry and never quotes a token.
    """
    servers = tuple(_server(entry) for entry in _entries(value) if entry.flag("enabled", default=True))
    names = [server.name for server in servers]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{VARIABLE}: two servers are named {name!r}")
    return servers


@dataclass(frozen=True, slots=True)
class _Entry:
    """One object of the list; its position is for error messages."""

    position: int
    fields: Mapping[str, object]

    def fail(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"{VARIABLE}: entry {self.position}: {problem}")

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.fail(f"{name} is not a string")
        return value.strip()

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.fields.get(name, default)
        if not isinstance(value, bool):
            raise self.fail(f"{name} must be true or false")
        return value


def _entries(value: str) -> list[_Entry]:
    if not value.strip():
        return []
    try:
        parsed: object = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{VARIABLE}: not valid JSON (line {error.lineno}, column {error.colno})") from None
    if not isinstance(parsed, list):
        raise ConfigurationError(f"{VARIABLE}: must be a JSON list of objects")
    return [_entry(item, position) for position, item in enumerate(parsed, start=1)]


def _entry(item: object, position: int) -> _Entry:
    if not isinstance(item, dict):
        raise ConfigurationError(f"{VARIABLE}: entry {position}: not an object")
    return _Entry(position, item)


def _server(entry: _Entry) -> InferenceServer:
    if not (name := entry.text("name")):
        raise entry.fail("name is missing")
    if "@" in name:
        raise entry.fail("name must not contain '@'")
    api_type = _api_type(entry)
    token = entry.text("token") or entry.text("api_key")
    small = entry.flag("small", default=False)
    return InferenceServer(
        name=name,
        url=_base_url(entry, api_type),
        api_type=api_type,
        token=SecretStr(token) if token else None,
        small=small,
        stream=entry.flag("stream", default=small),
        passed=_passed(entry),
        cache_salt=entry.flag("cache_salt", default=False),
        single_tenant=entry.flag("single_tenant", default=False),
    )


def _passed(entry: _Entry) -> frozenset[str]:
    names = entry.fields.get("pass", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and _FIELD.fullmatch(name) for name in names):
        raise entry.fail("pass must be a list of names of request fields")
    if own := RESERVED & set(names):
        raise entry.fail(f"pass must not name {min(own)}: the gateway writes it")
    return frozenset(names)


def _api_type(entry: _Entry) -> ApiType:
    value = entry.text("api_type").lower() or "openai"
    if value == "openai":
        return "openai"
    if value == "ollama":
        return "ollama"
    raise entry.fail(f"api_type must be one of {', '.join(_KNOWN_TYPES)}")


def _base_url(entry: _Entry, api_type: ApiType) -> str:
    url = entry.text("url").rstrip("/").removesuffix("/chat/completions")
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise entry.fail("url is not a valid URL") from None
    if parts.scheme not in ("http", "https") or not has_host:
        raise entry.fail("url must begin with http:// or https:// and name a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise entry.fail("url must be free of credentials, query and fragment; a key belongs in token")
    if api_type == "ollama":
        url = url.removesuffix("/api")
    return url if urlsplit(url).path else f"{url}/v1"
