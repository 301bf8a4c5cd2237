"""The list of models in the shapes of Anthropic and Ollama."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from services.gateway.domain.errors import invalid
from services.gateway.domain.routing.model_resolver import PublicModel

MAX_PAGE = 1000
_DEFAULT_PAGE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: `before` and `after` are ids, empty for none."""

    limit: int = _DEFAULT_PAGE
    before: str = ""
    after: str = ""


def read_page(limit: str, before: str, after: str) -> Page:
    """Parse the query. Raises RequestRefused (400)."""
    if limit and not (limit.isdecimal() and limit.isascii() and 1 <= int(limit[:5]) <= MAX_PAGE):
        raise invalid(f"`limit` must be a number from 1 to {MAX_PAGE}.", param="limit", code="invalid_value")
    return Page(int(limit) if limit else _DEFAULT_PAGE, before, after)


def anthropic_list(models: Sequence[PublicModel], created: int, page: Page) -> bytes:
    """A page of models in Anthropic's shape. An unknown cursor is the end of the list."""
    shown, more = _cut(models, page)
    ids = [model.id for model in shown]
    fields = {"data": [_described(each, created) for each in shown], "has_more": more}
    return orjson.dumps({**fields, "first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None})


def anthropic_model(model: PublicModel, created: int) -> bytes:
    """One model in Anthropic's shape."""
    return orjson.dumps(_described(model, created))


def ollama_tags(ids: Sequence[str], created: int) -> bytes:
    """The list of models in Ollama's shape; these models are no files, so size and digest are empty."""
    return orjson.dumps({"models": [_tag(each, created) for each in ids]})


def ollama_model(model: PublicModel, created: int) -> bytes:
    """One model in Ollama's shape; clients read the window from a field named after the architecture."""
    info: dict[str, object] = {"general.architecture": "fleet", "general.basename": model.id}
    described = {
        "details": _DETAILS,
        "model_info": info | ({"fleet.context_length": model.window} if model.window else {}),
    }
    empty = {"modelfile": "", "parameters": "", "template": "", "license": ""}
    return orjson.dumps({**empty, **described, "capabilities": ["completion", "tools"], "modified_at": _time(created)})


_DETAILS: dict[str, object] = {
    "parent_model": "",
    "format": "",
    "family": "fleet",
    "families": ["fleet"],
    "parameter_size": "",
    "quantization_level": "",
}


_UNKNOWN: dict[str, None] = dict.fromkeys(("max_tokens", "capabilities", "line", "deprecated_at", "retires_at"))


def _cut(models: Sequence[PublicModel], page: Page) -> tuple[Sequence[PublicModel], bool]:
    ids = [model.id for model in models]
    if page.before:
        end = ids.index(page.before) if page.before in ids else 0
        start = max(0, end - page.limit)
        return models[start:end], start > 0
    start = 0
    if page.after:
        start = ids.index(page.after) + 1 if page.after in ids else len(ids)
    return models[start : start + page.limit], start + page.limit < len(ids)


def _described(model: PublicModel, created: int) -> dict[str, object]:
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": _time(created),
        "lifecycle": "active",
        "max_input_tokens": model.window or None,
        **_UNKNOWN,
    }


def _tag(model_id: str, created: int) -> dict[str, object]:
    named = {"name": model_id, "model": model_id, "modified_at": _time(created)}
    return {**named, "size": 0, "digest": "", "details": _DETAILS}


def _time(created: int) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat().replace("+00:00", "Z")
