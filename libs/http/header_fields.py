"""The header fields of a request, parsed once: one scan per name cost as much as its API key."""

from collections.abc import Mapping
from itertools import chain, repeat

from starlette.types import Scope

FIELDS = "fields"


def fields_of(scope: Scope) -> Mapping[str, str]:
    """Map lower-case names to values; of several fields with one name, the first counts. Cached in the scope."""
    fields: dict[str, str] | None = scope.get(FIELDS)
    if fields is None:
        sent = reversed(scope["headers"])
        texts = map(
            bytes.decode, chain.from_iterable(sent), repeat("latin-1")
        )  # no Python step for each of about twenty
        fields = scope[FIELDS] = dict(zip(texts, texts, strict=True))
    return fields
