"""Responses are bounded in bytes, time and decompressed size; every failure has a code."""

import asyncio
import gzip
import zlib
from contextlib import suppress
from dataclasses import replace

import pytest

from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher, World
from libs.ports.fetching import Fetched, FetchError, FetchRequest
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from libs.testing.scripted_web import (
    FakeResolver,
    RecordingConnector,
    Script,
    ScriptedWeb,
    WebRequest,
    reply,
    reply_sequence,
)
from libs.testing.waiting import eventually, waiting

PUBLIC = "93.184.215.14"
SMALL = FetchLimits(max_bytes=1 << 20, total_s=60.0, connect_s=60.0, idle_s=60.0)
SOON_OVER, SOON_IDLE, SOON_AWAY = replace(SMALL, total_s=0.6), replace(SMALL, idle_s=0.2), replace(SMALL, connect_s=0.3)
GZIP = ("content-encoding", "gzip")


async def fetched(script: Script, request: FetchRequest | None = None, limits: FetchLimits = SMALL) -> Fetched:
    async with ScriptedWeb(script) as web:
        world = World(FakeResolver(anything=(PUBLIC,)), RecordingConnector(web.port), FakeClock())
        return await WebFetcher(Reach(), limits, world).fetch(request or FetchRequest("http://site.example.com/page"))


async def failure(script: Script, request: FetchRequest | None = None, limits: FetchLimits = SMALL) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetched(script, request, limits)
    return caught.value


async def asked(script: Script, request: FetchRequest) -> list[WebRequest]:
    async with ScriptedWeb(script) as web:
        world = World(FakeResolver(anything=(PUBLIC,)), RecordingConnector(web.port), FakeClock())
        await WebFetcher(Reach(), SMALL, world).fetch(request)
        return web.requests


async def test_an_answer_comes_with_its_status_type_place_and_time() -> None:
    page = await fetched(reply_sequence(reply(404, b"gone", ("Content-Type", 'Text/HTML; charset="UTF-8"'))))
    assert (page.status, page.body, page.content_type, page.charset) == (404, b"gone", "text/html", "utf-8")
    assert (page.url, page.retrieved_at) == ("http://site.example.com/page", TEST_TIME_S)


async def test_a_chunked_answer_and_one_that_ends_with_its_connection_are_whole() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert (await fetched(reply_sequence(chunked))).body == b"abcde"
    assert (await fetched(reply_sequence(b"HTTP/1.1 200 OK\r\n\r\nabc"))).body == b"abc"


async def test_the_request_says_who_asks_and_carries_no_cookie() -> None:
    (request,) = await asked(reply_sequence(reply()), FetchRequest("http://site.example.com/a?b=c#d"))
    assert request.target == "/a?b=c"
    assert request.headers["user-agent"].startswith("sovereign-fleet/")
    assert not {"cookie", "authorization", "referer"} & set(request.headers)


async def test_cookies_are_not_kept_over_a_redirect() -> None:
    first = reply(302, b"", ("location", "/next"), ("set-cookie", "a=b"))
    requests = await asked(reply_sequence(first, reply(200, b"x")), FetchRequest("http://site.example.com/"))
    assert [request.target for request in requests] == ["/", "/next"]
    assert "cookie" not in requests[1].headers


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/a/b", "/a/b"),
        ("b", "/start/b"),
        ("../b?c=d", "/b?c=d"),
        ("?c=d", "/start/page?c=d"),
        ("//other.example.com/x", "/x"),
        ("http://other.example.com", "/"),
        ("/gr\u00fcn", "/gr%C3%BCn"),
        ("#top", "/start/page"),
    ],
)
async def test_a_redirect_leads_where_the_standard_says(location: str, target: str) -> None:
    first = reply(301, b"", ("location", location.encode().decode("latin-1")))
    requests = await asked(reply_sequence(first, reply()), FetchRequest("http://site.example.com/start/page"))
    assert requests[1].target == target


async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    step = reply(302, b"", ("location", "/x"))
    assert (await fetched(reply_sequence(step, step, step, reply(200, b"there")))).body == b"there"
    assert (await failure(reply_sequence(step, step, step, step, reply(200)))).code == "too_many_redirects"


async def test_secrets_stay_with_the_origin_that_they_were_meant_for() -> None:
    away = reply(302, b"", ("location", "http://other.example.com/"))
    request = FetchRequest("http://site.example.com/", secret_headers=(("authorization", "Bearer hidden"),))
    first, second = await asked(reply_sequence(away, reply()), request)
    assert first.headers["authorization"] == "Bearer hidden"
    assert "authorization" not in second.headers
    assert "hidden" not in repr(request)
    home = reply(302, b"", ("location", "/on"))
    assert (await asked(reply_sequence(home, reply()), request))[1].headers["authorization"] == "Bearer hidden"


async def test_secrets_that_were_left_behind_do_not_come_back() -> None:
    away = reply(302, b"", ("location", "http://other.example.com/"))
    back = reply(302, b"", ("location", "http://site.example.com/"))
    request = FetchRequest("http://site.example.com/", secret_headers=(("authorization", "Bearer hidden"),))
    requests = await asked(reply_sequence(away, back, reply()), request)
    assert ["authorization" in request.headers for request in requests] == [True, False, False]


async def test_a_body_is_not_sent_to_another_host() -> None:
    request = FetchRequest("http://site.example.com/", "POST", body=b"private")
    away = reply(307, b"", ("location", "http://other.example.com/"))
    assert (await failure(reply_sequence(away, reply()), request)).code == "redirect_refused"
    home = reply(307, b"", ("location", "/on"))
    assert [one.body for one in await asked(reply_sequence(home, reply()), request)] == [b"private", b"private"]
    see_other = reply(303, b"", ("location", "http://other.example.com/"))
    second = (await asked(reply_sequence(see_other, reply()), request))[1]
    assert (second.method, second.body) == ("GET", b"")


async def test_https_is_not_left_for_http() -> None:
    away = reply(302, b"", ("location", "http://site.example.com/"))
    assert (await failure(reply_sequence(away), FetchRequest("https://site.example.com/"))).code == "redirect_refused"


@pytest.mark.parametrize(
    "header",
    [("x", "a\r\nb: c"), ("x\r\n", "a"), ("x y", "a"), ("", "a"), ("host", "a"), ("Cookie", "a"), ("x", "\u20ac")],
)
async def test_a_header_that_says_more_than_it_should_is_refused(header: tuple[str, str]) -> None:
    request = FetchRequest("http://site.example.com/", headers=(header,))
    assert (await failure(reply_sequence(reply()), request)).code == "header_refused"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"text" * 99, mtime=0)),
        ("X-GZIP", gzip.compress(b"text" * 99, mtime=0)),
        ("deflate", zlib.compress(b"text" * 99)),
        ("deflate", zlib.compress(b"text" * 99)[2:-4]),
        ("identity", b"text" * 99),
    ],
)
async def test_compressed_answers_are_unpacked(encoding: str, packed: bytes) -> None:
    assert (await fetched(reply_sequence(reply(200, packed, ("content-encoding", encoding))))).body == b"text" * 99


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
async def test_a_compression_that_was_not_asked_for_is_refused(encoding: str) -> None:
    assert (await failure(reply_sequence(reply(200, b"x", ("content-encoding", encoding))))).code == "encoding_refused"


async def test_a_gzip_bomb_is_left_before_it_goes_off() -> None:
    bomb = gzip.compress(bytes(64 << 20), 9)
    assert (await failure(reply_sequence(reply(200, bomb, GZIP)))).code == "compression_bomb"


async def test_what_unpacks_to_more_than_the_limit_is_too_large() -> None:
    text = b"".join(b"%d," % number for number in range(400_000))
    assert len(gzip.compress(text)) < SMALL.max_bytes < len(text)
    assert (await failure(reply_sequence(reply(200, gzip.compress(text), GZIP)))).code == "too_large"


async def test_a_compressed_answer_that_stops_or_is_broken_is_told() -> None:
    packed = gzip.compress(b"text" * 99)
    assert (await failure(reply_sequence(reply(200, packed[:-9], GZIP)))).code == "broken_response"
    assert (await failure(reply_sequence(reply(200, b"no gzip at all", GZIP)))).code == "broken_response"


async def endless(_: WebRequest, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def endless_chunk_extension(_: WebRequest, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def endless_trailers(_: WebRequest, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n")
    while True:
        writer.write(b"a: b\r\n" * 9999)
        await writer.drain()


async def test_an_endless_answer_is_cut_off() -> None:
    assert (await failure(endless)).code == "too_large"


@pytest.mark.parametrize("script", [endless_chunk_extension, endless_trailers])
async def test_endless_framing_is_cut_off(script: Script) -> None:
    assert (await failure(script)).code == "broken_response"


async def test_a_request_may_ask_for_less() -> None:
    request = FetchRequest("http://site.example.com/", max_bytes=10)
    assert (await failure(reply_sequence(reply(200, b"x" * 11)), request)).code == "too_large"
    assert (await fetched(reply_sequence(reply(200, b"x" * 10)), request)).body == b"x" * 10
    more = FetchRequest("http://site.example.com/", max_bytes=1 << 30)
    assert (await failure(reply_sequence(reply(200, b"x" * (2 << 20))), more)).code == "too_large"


async def test_a_head_that_does_not_end_is_cut_off() -> None:
    for line in (b"a: b\r\n" * 50_000, b"a: " + b"b" * 300_000, b"HTTP/1.1 103 Early\r\n\r\n" * 9_000):
        assert (await failure(reply_sequence(b"HTTP/1.1 200 OK\r\n" + line))).code == "broken_response"


async def silent(_: WebRequest, writer: asyncio.StreamWriter) -> None:
    await writer.wait_closed()


async def dripping(_: WebRequest, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def stopping(_: WebRequest, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nx")
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("script", "limits", "word"),
    [(silent, SOON_IDLE, "nothing came"), (stopping, SOON_IDLE, "nothing came"), (dripping, SOON_OVER, "whole")],
)
async def test_a_slow_answer_is_left_in_time(script: Script, limits: FetchLimits, word: str) -> None:
    error = await failure(script, limits=limits)
    assert error.code == "timeout"
    assert word in str(error)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc",
    ],
)
async def test_what_is_no_http_is_told_as_broken(said: bytes) -> None:
    assert (await failure(reply_sequence(said))).code == "broken_response"


async def test_who_does_not_answer_to_tls_is_told_so() -> None:
    async with ScriptedWeb(reply_sequence(b"plain")) as web:
        reach = Reach.read(f"127.0.0.1:{web.port}", "")
        with pytest.raises(FetchError) as caught:
            await WebFetcher(reach, SOON_AWAY).fetch(FetchRequest(f"https://127.0.0.1:{web.port}/"))
    assert caught.value.code in {"tls_failed", "unreachable"}


async def test_the_machines_own_resolver_and_sockets_reach_a_service_that_is_allowed() -> None:
    async with ScriptedWeb(reply_sequence(reply(200, b"own"))) as web:
        reach = Reach.of_service(f"http://localhost:{web.port}/")
        page = await WebFetcher(reach, SMALL).fetch(FetchRequest(f"http://localhost:{web.port}/x"))
    assert page.body == b"own"


async def test_errors_repeat_no_path_no_query_and_no_long_host() -> None:
    request = FetchRequest(f"http://{'a' * 60}.example.com/secret?token=hidden")
    world = World(FakeResolver(anything=(PUBLIC,)), RecordingConnector(), FakeClock())
    with pytest.raises(FetchError) as caught:
        await WebFetcher(Reach(), SMALL, world).fetch(request)
    assert caught.value.code == "unreachable"
    assert "hidden" not in str(caught.value)
    assert "a" * 41 not in str(caught.value)


async def test_no_more_fetches_run_at_once_than_there_are_places() -> None:
    running = most = 0
    two = asyncio.Event()

    async def counting(_: WebRequest, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            two.set()
        await two.wait()
        for _turn in range(50):  # for a third one, if there is any
            await asyncio.sleep(0)
        running -= 1
        writer.write(reply())

    limits = replace(SMALL, at_once=2)
    async with ScriptedWeb(counting) as web:
        world = World(FakeResolver(anything=(PUBLIC,)), RecordingConnector(web.port), FakeClock())
        fetcher = WebFetcher(Reach(), limits, world)
        await asyncio.gather(*(fetcher.fetch(FetchRequest("http://site.example.com/")) for _ in range(8)))
    assert most == 2


async def test_a_fetch_that_is_given_up_leaves_its_connection() -> None:
    left = asyncio.Event()

    async def hold(_: WebRequest, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"HTTP/1.1 103 Early\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.005)
        left.set()

    async with ScriptedWeb(hold) as web:
        world = World(FakeResolver(anything=(PUBLIC,)), RecordingConnector(web.port), FakeClock())
        async with asyncio.TaskGroup() as group:
            fetch = group.create_task(WebFetcher(Reach(), SMALL, world).fetch(FetchRequest("http://a.example.com/")))
            await eventually(lambda: bool(web.requests))
            fetch.cancel()
        async with waiting(30):
            await left.wait()
    assert fetch.cancelled()


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        ScriptedWeb(reply_sequence(reply(200, b"proxied"))) as proxy,
        ScriptedWeb(reply_sequence(reply(200, b"straight"))) as web,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        reach = Reach.of_service(web.url)
        page = await WebFetcher(reach, SMALL).fetch(FetchRequest(f"{web.url}/"))
    assert (page.body, proxy.requests) == (b"straight", [])


async def test_a_name_that_takes_too_long_to_resolve_is_given_up() -> None:
    class Slow:
        async def resolve(self, name: str, port: int) -> tuple[str, ...]:
            await asyncio.Event().wait()
            return (PUBLIC,)

    world = World(Slow(), RecordingConnector(), FakeClock())
    with pytest.raises(FetchError) as caught:
        await WebFetcher(Reach(), SOON_OVER, world).fetch(FetchRequest("http://site.example.com/"))
    assert caught.value.code == "timeout"
    with pytest.raises(FetchError) as caught:
        await WebFetcher(Reach(), SOON_AWAY, world).check("http://site.example.com/")
    assert caught.value.code == "unresolved"


async def test_a_check_says_what_a_fetch_would_refuse_and_asks_nothing() -> None:
    connector = RecordingConnector()
    resolver = FakeResolver({"inside.example.com": (("10.0.0.1",),)}, anything=(PUBLIC,))
    fetcher = WebFetcher(Reach(), SMALL, World(resolver, connector, FakeClock()))
    assert await fetcher.check("HTTP://Site.Example.com/a/../b#c") == "http://site.example.com/b"
    for url, code in (
        ("http://inside.example.com/", "address_refused"),
        ("http://127.1/", "address_refused"),
        ("http://site.example.com:22/", "port_refused"),
        ("http://u:p@site.example.com/", "credentials_refused"),
    ):
        with pytest.raises(FetchError) as caught:
            await fetcher.check(url)
        assert caught.value.code == code
    assert connector.attempts == []
