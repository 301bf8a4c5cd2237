"""The document position of a validator's finding.

`jsonschema_rs` leaves empty keys out of its paths and returns keys of digits as numbers, so that a path may fit several
places. The reported value distinguishes them; if even the values are equal, no place is reported rather than a wrong
one.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from services.mcp.tools.pure.data.json_reader import Place

_USIZE = re.compile(r"\+?[0-9]+")


class Ways:
    """The places of one document by the paths that the validator has for them."""

    def __init__(self, value: JsonValue, places: Mapping[Place, tuple[int, int]]) -> None:
        self._value = value
        self._by_path: defaultdict[Place, list[Place]] = defaultdict(list)
        for way in places:
            self._by_path[_as_path(way)].append(way)

    def meant(self, path: Sequence[str | int], seen: object) -> Place | None:
        """The only place that a path can denote, whose value was seen; None if there are several."""
        fitting = self._by_path[tuple(path)]
        if len(fitting) > 1:
            fitting = [way for way in fitting if _is(seen, at(self._value, way))]
        return fitting[0] if len(fitting) == 1 else None


def _is(seen: object, value: JsonValue) -> bool:
    """Whether the validator has seen this value; it hands out a copy whose keys are in order."""
    return json.dumps(seen, default=str, sort_keys=True) == json.dumps(value, sort_keys=True)


def at(value: JsonValue, way: Place) -> JsonValue:
    """Value at an existing place."""
    for step in way:
        if isinstance(value, dict):
            value = value[str(step)]
        elif isinstance(value, list):
            value = value[int(step)]
    return value


def has_empty_key(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return "" in value or any(has_empty_key(item) for item in value.values())
    return isinstance(value, list) and any(has_empty_key(item) for item in value)


def _as_path(way: Place) -> Place:
    return tuple(int(step) if isinstance(step, str) and _USIZE.fullmatch(step) else step for step in way if step != "")
