"""Which key a request has, and that it has one only."""

import pytest

from libs.core.api_key_headers import AmbiguousKey, api_key_from

Headers = list[tuple[bytes, bytes]]


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([(b"host", b"x")], ""),
        ([(b"authorization", b"Bearer a")], "a"),
        ([(b"authorization", b"bearer  a ")], "a"),
        ([(b"authorization", b"Basic a")], ""),
        ([(b"x-api-key", b" a ")], "a"),
        ([(b"anthropic-api-key", b"a")], "a"),
        ([(b"authorization", b"Basic b"), (b"x-api-key", b"a")], "a"),
        ([(b"authorization", b"Bearer a"), (b"x-api-key", b"a")], "a"),
        ([(b"authorization", b"Bearer a"), (b"x-api-key", b"")], "a"),
    ],
)
def test_a_key_comes_in_any_of_three_headers(headers: Headers, key: str) -> None:
    assert api_key_from(headers) == key


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")],
        [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer a")],
        [(b"authorization", b"Basic a"), (b"authorization", b"Bearer a")],
        [(b"x-api-key", b"a"), (b"host", b"x"), (b"x-api-key", b"b")],
        [(b"x-api-key", b"a"), (b"anthropic-api-key", b"b")],
        [(b"x-api-key", b"a"), (b"authorization", b"Bearer b")],
    ],
)
def test_several_keys_are_ambiguous(headers: Headers) -> None:
    with pytest.raises(AmbiguousKey):
        api_key_from(headers)
