"""The header fields of a request, read once: looking through them for each name cost as much as its key."""

from collections.abc import Mapping

from starlette.types import Scope

FIELDS = "fields"


def fields_of(scope: Scope) -> Mapping[str, str]:
    """Return the fields by their names in lower case; of several with one name, the first."""
    fields: dict[str, str] | None = scope.get(FIELDS)
    if fields is None:
        sent = reversed(scope["headers"])
        fields = scope[FIELDS] = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent}
    return fields
