"""Since when the fields of messages exist: what a record of older code cannot have, and every other one must have.

`field_revisions.json` is an append-only list that `make generate` extends: what is added together is one revision.
"""

import json
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("field_revisions.json")
Revision = dict[str, list[str]]  # fields by the name of their class


@cache
def revisions() -> tuple[Revision, ...]:
    """Return the fields that came with each revision, the first one is number 1."""
    found: list[Revision] = json.loads(PATH.read_text("utf-8"))["revisions"]
    return tuple(found)


@cache
def current_revision() -> int:
    """Return the number of the newest revision."""
    return len(revisions())


def introduced_in(kind: str, field: str) -> int:
    """Return the revision that a field came with, 0 for one that is not in the list."""
    return _introduced().get((kind, field), 0)


@cache
def _introduced() -> dict[tuple[str, str], int]:
    return {
        (kind, field): number
        for number, revision in enumerate(revisions(), start=1)
        for kind, fields in revision.items()
        for field in fields
    }
