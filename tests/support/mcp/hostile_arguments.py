"""Hostile arguments for any tool: shaped by its own schema so that they pass validation, or not shaped at all."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from services.mcp.contract import ToolDescription

CANARY = Path("/tmp/sovereign-fleet-canary")
CANARY_PORT_NAME = "{port}"
NUMBERS = (0, -1, 1, 2, 64, 10**3, 10**15, -(10**18), 2**63, 2**200, 10**400, 0.1, -0.0, 1e-300, 1e300, 1.5)
FRAGMENTS = (
    f"__import__('os').system('touch {CANARY}')",
    f"open('{CANARY}','w').write('x')",
    f"__import__('socket').create_connection(('127.0.0.1',{CANARY_PORT_NAME}))",
    f"import os; os.system('touch {CANARY}')",
    f"http://127.0.0.1:{CANARY_PORT_NAME}/",
    f"file://{CANARY}",
    f"$(touch {CANARY})",
    "().__class__.__bases__[0].__subclasses__()",
    "eval('1')",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "'; DROP TABLE x; --",
    "../../../../etc/passwd",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'><!ENTITY c '&b;&b;'>]><a>&c;</a>",
    "&a [*a, *a]",
    "!!python/object/apply:os.system ['id']",
    "=cmd|' /C calc'!A0",
    "(a+)+$",
    "(.*)*{1,1000}{1,1000}",
    "$..*[?(@.a =~ /(a+)+$/)]",
    "9**9**9",
    "factorial(10**7)",
    "(1+1e-999)^(1e999)",
    "exp(exp(exp(9)))",
    "sin(1e999)",
    "x^999999 + x = 1",
    "integrate(exp(x^x), x)",
    "C99999999H",
    "((((((((((",
    "[" * 200,
    '{"a":' * 100,
    "1/",
    "%",
    "°",
    "\u202e",
    "\x00",
    "\uffff",
    "🂡",
    "9" * 900,
    "1," * 200,
    "10.0.0.0/8",
    "::/0",
    "fe80::1%lo/64",
    "2024-01-15",
    "31.02.2024",
    "0001-01-01",
    "9999-12-31T23:59:60+99:99",
    "*/0 * * * *",
    "8/8/8/8/8/8/8/8 w - - 0 1",
    "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
    "DE89370400440532013000",
    "m^99999 kg",
    "-",
    "e",
    "pi",
    "NaN",
    "1e400",
    " ",
)


def hostile_arguments(chance: random.Random, tool: ToolDescription, port: int) -> dict[str, JsonValue]:
    """Arguments for a tool; `port` is one without a server."""
    args: dict[str, JsonValue] = dict(tool.example.args)
    properties = tool.input_schema.get("properties")
    names = list(properties) if isinstance(properties, dict) else list(args)
    for name in chance.sample(names, k=chance.randint(1, max(1, len(names)))):
        schema = properties.get(name) if isinstance(properties, dict) else None
        args[name] = _value(chance, schema if isinstance(schema, dict) else {}, port)
    return args


def _value(chance: random.Random, schema: Mapping[str, JsonValue], port: int, depth: int = 0) -> JsonValue:
    if chance.random() < 0.1:
        others: list[JsonValue] = [None, True, [], {}, [[[[]]]], {"a": _text(chance, port)}, ""]
        return chance.choice(others)
    choices = schema.get("enum")
    if isinstance(choices, list):
        return chance.choice(choices)
    options = schema.get("anyOf")
    if isinstance(options, list) and isinstance(option := chance.choice(options), dict):
        return _value(chance, option, port, depth)
    if schema.get("type") in ("integer", "number"):
        return _number(chance, whole=schema["type"] == "integer")
    if schema.get("type") == "array" and depth < 3:
        items = schema.get("items")
        inner: Mapping[str, JsonValue] = items if isinstance(items, dict) else {}
        return [_value(chance, inner, port, depth + 1) for _ in range(chance.choice((0, 1, 2, 3, 12, 200)))]
    return _text(chance, port)


def _number(chance: random.Random, *, whole: bool) -> JsonValue:
    number = chance.choice(NUMBERS)
    return int(number) if whole else number


def _text(chance: random.Random, port: int) -> str:
    pieces: Sequence[str] = chance.choices(FRAGMENTS, k=chance.choice((1, 1, 1, 2, 3, 6)))
    text = chance.choice(("", "+", "*", " ", ",", "/", "\n")).join(pieces).replace(CANARY_PORT_NAME, str(port))
    return text * chance.choice((1, 1, 1, 1, 50))
