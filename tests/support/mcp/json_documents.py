"""Random JSON documents and their texts."""

import json
import random

from pydantic import JsonValue

KEYS = ("a", "b", "name", "x.y", "ä", "", "0", "a b", "length")
SCALARS: tuple[JsonValue, ...] = (
    None, True, False, 0, 1, -1, 2, 10**20, 0.5, 1.0, -2.5e-7, 1e300, "", "a", "1", "true", 'q"\\/', "ä€😀",
    "x\ny\t\u0001",
)  # fmt: skip


def value(rng: random.Random, depth: int = 4) -> JsonValue:
    """Document with repeated keys and values, so that queries meet something."""
    kind = rng.random() if depth else 1
    if kind < 0.4:
        return {rng.choice(KEYS): value(rng, depth - 1) for _ in range(rng.randrange(5))}
    if kind < 0.8:
        return [value(rng, depth - 1) for _ in range(rng.randrange(5))]
    return rng.choice(SCALARS)


def text(rng: random.Random, document: JsonValue) -> str:
    """Document as JSON, escaped and indented now so and now so."""
    return json.dumps(document, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, None, 1, "\t")))


def same(left: JsonValue, right: JsonValue) -> bool:
    """Equality that separates true from 1; numbers are equal by value."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and left == right
