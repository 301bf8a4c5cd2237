"""The document as one HTML page: no script, no external resource, readable from a file."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import orjson

_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f4;padding:.7rem;overflow:auto}
summary{cursor:pointer;padding:.3rem 0}b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}"""


def page_of(document: Mapping[str, object]) -> str:
    return "\n".join(_lines(document))


def _lines(document: Mapping[str, object]) -> Iterator[str]:
    info, components = _object(document["info"]), _object(document["components"])
    title = escape(str(info["title"]))
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: the API</title>'
    yield f"<style>{_STYLE}</style><h1>{title}</h1><p>{escape(str(info['description']))}</p><h2>Routes</h2>"
    for path, methods in _object(document["paths"]).items():
        for method, operation in _object(methods).items():
            yield from _operation(path, method.upper(), _object(operation), _object(components["responses"]))
    yield "<h2>Shapes</h2>"
    for name, schema in sorted(_object(components["schemas"]).items()):
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        yield f"<pre>{_json(schema)}</pre></details>"
    yield "</html>"


def _operation(path: str, method: str, operation: Mapping[str, object], errors: Mapping[str, object]) -> Iterator[str]:
    yield f"<details><summary><b>{method}</b> <code>{escape(path)}</code> {escape(str(operation['summary']))}</summary>"
    yield f"<p>{escape(str(operation['description']))}</p>"
    if parameters := [_object(each) for each in _list(operation["parameters"])]:
        rows = [(str(each["name"]), str(each["in"]), str(each.get("description", ""))) for each in parameters]
        yield _table(("parameter", "in", ""), rows)
    if "requestBody" in operation:
        yield f"<p>Body: {_shapes(_object(operation['requestBody'])['content'])}</p>"
    replies = [(status, _found(reply, errors)) for status, reply in _object(operation["responses"]).items()]
    rows = [(status, str(reply["description"]), _shapes(reply["content"])) for status, reply in replies]
    yield _table(("status", "", "answer"), rows, is_html=True)
    yield "</details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, is_html: bool = False) -> str:
    cells = "".join(f"<th>{name}</th>" for name in head)
    escaped = ("".join(f"<td>{cell if is_html else escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table><tr>{cells}</tr>{''.join(f'<tr>{row}</tr>' for row in escaped)}</table>"


def _shapes(content: object) -> str:
    schemas = ((media, _object(_object(each)["schema"])) for media, each in _object(content).items())
    return ", ".join(f"{escape(media)} {_link(schema)}" for media, schema in schemas)


def _link(schema: Mapping[str, object]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return f'<a href="#{escape(name)}">{escape(name)}</a>' if name else escape(str(schema.get("type", "")))


def _found(reply: object, errors: Mapping[str, object]) -> Mapping[str, object]:
    found = _object(reply)
    return _object(errors[str(found["$ref"]).rpartition("/")[2]]) if "$ref" in found else found


def _json(schema: object) -> str:
    return escape(orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode())


def _object(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _list(value: object) -> Sequence[object]:
    assert isinstance(value, list)
    return value
