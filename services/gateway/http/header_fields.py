"""The header fields of a request, read once: looking through them for each name cost as much as its key."""

from collections.abc import Mapping
from itertools import chain, repeat

from starlette.types import Scope

FIELDS = "fields"


def fields_of(scope: Scope) -> Mapping[str, str]:
    """Return the fields by their names in lower case; of several with one name, the first."""
    fields: dict[str, str] | None = scope.get(FIELDS)
    if fields is None:
        sent = reversed(scope["headers"])
        texts = map(bytes.decode, chain.from_iterable(sent), repeat("latin-1"))  # no step of ours for each of twenty
        fields = scope[FIELDS] = dict(zip(texts, texts, strict=True))
    return fields
