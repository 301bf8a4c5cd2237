"""Revisions of message fields. Records of older code lack later fields; every other record must have all.

`field_revisions.json` is an append-only list that `make generate` extends: fields added together form one revision.
"""

import json
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("field_revisions.json")
Revision = dict[str, list[str]]  # fields by the name of their class


@cache
def revisions() -> tuple[Revision, ...]:
    """New fields by revision; the first one is number 1."""
    found: list[Revision] = json.loads(PATH.read_text("utf-8"))["revisions"]
    return tuple(found)


@cache
def current_revision() -> int:
    return len(revisions())


def introduced_in(kind: str, field: str) -> int:
    """Revision that introduced a field. 0 for one outside the list."""
    return _introduced().get((kind, field), 0)


@cache
def _introduced() -> dict[tuple[str, str], int]:
    return {
        (kind, field): number
        for number, revision in enumerate(revisions(), start=1)
        for kind, fields in revision.items()
        for field in fields
    }
