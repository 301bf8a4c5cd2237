import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.body.json import MAX_DEPTH, MAX_VALUES, read_json
from services.gateway.domain.errors import RequestRefused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


def code_of(body: bytes) -> str:
    with pytest.raises(RequestRefused) as caught:
        read_json(body)
    assert caught.value.error.status == 400
    return caught.value.error.code


@given(JSON)
def test_any_json_value_is_read_as_the_standard_library_reads_it(value: object) -> None:
    for body in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode()):
        assert read_json(body) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"hello",
        b"{",
        b'{"a":1}}',
        b'{"a":1,}',
        b"{'a':1}",
        b"\xff\xfe",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'"\xed\xa0\x80"',
        b'{"a":"line\nbreak"}',
        b"\xef\xbb\xbf{}",
        b'"open',
        b'"\\',
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert code_of(body) == "invalid_json"


def test_the_deepest_allowed_value_is_read() -> None:
    assert json.dumps(read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)) == "[" * MAX_DEPTH + "]" * MAX_DEPTH


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000])
@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deeper_values_are_refused(depth: int, start: bytes, end: bytes) -> None:
    assert code_of(start * depth + b"1" + end * depth) == "nesting_too_deep"


@pytest.mark.parametrize("text", ["[" * 500, '\\"' + "[" * 500, "\\", "\\\\", '{"[', "\\\\\\" + "{" * 100])
def test_brackets_inside_text_are_text(text: str) -> None:
    assert read_json(json.dumps({text: text}).encode()) == {text: text}


def test_a_string_that_ends_in_an_escaped_backslash_hides_no_depth() -> None:
    body = b'{"a":"\\\\","b":' + b"[" * 100 + b"]" * 100 + b',"c":1}'
    assert code_of(body) == "nesting_too_deep"


@pytest.mark.parametrize("body", [b"[" + b"1," * MAX_VALUES + b"1]", b"[" * (MAX_VALUES + 1), b'"' * 1_000_000])
def test_very_many_values_are_refused_before_they_are_parsed(body: bytes) -> None:
    assert code_of(body) == "too_many_values"


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"x":{"a":":","a":1}}',
        b'[{"a":1},{"b":[{"c":1,"c":1}]}]',
        b'{"a:":1, "b\\"":2, "b\\"":3}',
        b'{"a":[' + b",".join([b'{"v":1}'] * 5000) + b'],"a":1}',
    ],
)
def test_a_field_twice_in_one_object_is_refused(body: bytes) -> None:
    assert code_of(body) == "duplicate_field"


@pytest.mark.parametrize("count", [1, 5000])
def test_one_name_in_many_objects_is_fine(count: int) -> None:
    body = b"[" + b",".join([b'{"a:\\"":":{}","b":{}}'] * count) + b"]"
    assert read_json(body) == json.loads(body)


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), JSON), max_size=6))
def test_fields_are_counted_exactly(pairs: list[tuple[str, object]]) -> None:
    body = ("{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}").encode()
    if len({name for name, _ in pairs}) == len(pairs):
        assert read_json(body) == json.loads(body)
    else:
        assert code_of(body) == "duplicate_field"
