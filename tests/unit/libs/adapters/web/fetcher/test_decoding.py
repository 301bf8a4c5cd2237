"""Compressed bodies are unpacked rightly however they are cut into pieces, and never further than they may be."""

import gzip
import zlib
from random import Random

import pytest

from libs.adapters.web.fetcher.decoding import FREE_BYTES, MAX_RATIO, Body
from libs.ports.fetching import FetchError
from libs.testing.every import for_every


def packed(draw: Random, text: bytes) -> tuple[str, bytes]:
    kind = draw.choice(("gzip", "deflate", "raw", "members", "identity"))
    if kind == "members":
        cut = draw.randrange(len(text) + 1)
        return "gzip", gzip.compress(text[:cut]) + gzip.compress(text[cut:])
    if kind == "raw":
        return "deflate", zlib.compress(text)[2:-4]
    if kind == "gzip":
        return kind, gzip.compress(text)
    return kind, zlib.compress(text) if kind == "deflate" else text


@for_every(seed=range(300))
def test_a_body_is_what_was_packed_however_it_comes(seed: int) -> None:
    draw = Random(seed)
    text = draw.choice((draw.randbytes(draw.randrange(3_000)), b"abc" * draw.randrange(30_000), b""))
    encoding, whole = packed(draw, text)
    body = Body(encoding, max_bytes=1 << 20)
    while whole:
        size = draw.choice((1, 7, 100, 10_000))
        body.feed(whole[:size])
        whole = whole[size:]
    assert body.finish() == text


@for_every(seed=range(50))
def test_a_body_that_stops_is_never_taken_for_a_whole_one(seed: int) -> None:
    draw = Random(seed)
    whole = gzip.compress(draw.randbytes(1_000))
    body = Body("gzip", max_bytes=1 << 20)
    body.feed(whole[: draw.randrange(1, len(whole) - 8)])
    with pytest.raises(FetchError) as caught:
        body.finish()
    assert caught.value.code == "broken_response"


def test_no_more_is_kept_than_the_ratio_allows() -> None:
    bomb = gzip.compress(bytes(50 << 20), 9)
    body = Body("gzip", max_bytes=1 << 30)
    with pytest.raises(FetchError) as caught:
        body.feed(bomb)
    assert caught.value.code == "compression_bomb"
    assert len(body._kept) <= max(FREE_BYTES, MAX_RATIO * len(bomb)) + (64 << 10)


def test_many_small_members_do_not_get_around_the_limits() -> None:
    bombs = gzip.compress(bytes(1 << 20), 9) * 40
    body = Body("gzip", max_bytes=1 << 30)
    with pytest.raises(FetchError) as caught:
        body.feed(bombs)
    assert caught.value.code == "compression_bomb"
