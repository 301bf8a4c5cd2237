"""No connection is made to anything that is not public, however it is spelt, resolved or redirected to."""

import pytest

from libs.adapters.web.fetcher import Reach, WebFetcher, World
from libs.ports.fetching import REFUSALS, FetchError, FetchRequest
from libs.testing.every import for_every
from libs.testing.fake_clock import FakeClock
from libs.testing.scripted_web import FakeResolver, RecordingConnector, ScriptedWeb, reply, reply_sequence
from tests.support.url_forms import MALFORMED, PRIVATE_V4, PRIVATE_V6, private_urls

PUBLIC = "93.184.215.14"
PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def fetcher_with(resolver: FakeResolver, connector: RecordingConnector, reach: Reach | None = None) -> WebFetcher:
    return WebFetcher(reach or Reach(), world=World(resolver, connector, FakeClock()))


async def refusal(fetcher: WebFetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(url))
    return caught.value


def test_there_are_more_than_three_hundred_forms() -> None:
    assert len(private_urls()) > 500
    assert len(set(MALFORMED)) == len(MALFORMED) > 130


@for_every(url=private_urls())
async def test_an_address_that_is_not_public_is_not_connected_to_in_any_spelling(url: str) -> None:
    connector = RecordingConnector()
    error = await refusal(fetcher_with(FakeResolver(anything=(PUBLIC,)), connector), url)
    assert connector.attempts == []
    assert error.code in {"address_refused", "host_refused", "url_refused"}


@for_every(url=MALFORMED)
async def test_a_url_that_two_parsers_may_read_differently_is_refused(url: str) -> None:
    connector, resolver = RecordingConnector(), FakeResolver(anything=(PUBLIC,))
    error = await refusal(fetcher_with(resolver, connector), url)
    assert (connector.attempts, resolver.names) == ([], [])
    assert error.code in REFUSALS


async def test_a_redirect_to_any_of_these_forms_is_not_followed() -> None:
    for location in (*private_urls(), *[form for form in MALFORMED if form.startswith("http") and form.isprintable()]):
        raw = location.encode("utf-8", "replace").decode("latin-1")
        if not raw.strip() or raw != raw.strip():
            continue
        async with ScriptedWeb(reply_sequence(reply(302, b"", ("location", raw)))) as web:
            connector = RecordingConnector(web.port)
            fetcher = fetcher_with(FakeResolver(anything=(PUBLIC,)), connector)
            error = await refusal(fetcher, "http://start.example.com/")
        assert connector.attempts == [(PUBLIC, 80)] or "://" not in location, location
        assert error.code in REFUSALS or "://" not in location, location


@for_every(address=[*PRIVATE_V4, *PRIVATE_V6, *(f"::ffff:{dotted}" for dotted in PRIVATE_V4), "fe80::1%2"])
async def test_a_name_with_such_an_address_is_not_connected_to(address: str) -> None:
    connector = RecordingConnector()
    error = await refusal(fetcher_with(FakeResolver(anything=(address,)), connector), "https://rebound.example.com/")
    assert (error.code, connector.attempts) == ("address_refused", [])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "64:ff9b::a00:1"])
@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_bad_answer_among_good_ones_refuses_them_all(address: str, place: int) -> None:
    answers = [PUBLIC, PUBLIC_V6]
    answers.insert(place, address)
    connector = RecordingConnector()
    error = await refusal(fetcher_with(FakeResolver(anything=tuple(answers)), connector), "http://mixed.example.com/")
    assert (error.code, connector.attempts) == ("address_refused", [])


async def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to() -> None:
    async with ScriptedWeb(reply_sequence(reply(200, b"good"))) as web:
        resolver = FakeResolver({"rebinds.example.com": ((PUBLIC,), ("127.0.0.1",))})
        connector = RecordingConnector(web.port)
        fetched = await fetcher_with(resolver, connector).fetch(FetchRequest("http://rebinds.example.com/x"))
    assert (fetched.body, connector.attempts, resolver.names) == (b"good", [(PUBLIC, 80)], ["rebinds.example.com"])
    assert web.requests[0].headers["host"] == "rebinds.example.com"


async def test_a_name_that_turns_private_between_redirects_is_noticed() -> None:
    async with ScriptedWeb(reply_sequence(reply(302, b"", ("location", "/again")))) as web:
        resolver = FakeResolver({"rebinds.example.com": ((PUBLIC,), ("127.0.0.1",))})
        connector = RecordingConnector(web.port)
        error = await refusal(fetcher_with(resolver, connector), "http://rebinds.example.com/")
    assert (error.code, connector.attempts) == ("address_refused", [(PUBLIC, 80)])


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://8.8.8.8/", "8.8.8.8"),
        ("http://134744072/", "8.8.8.8"),
        ("http://0x08.8.010.8/", "8.8.8.8"),
        ("http://①.①.①.①/", "1.1.1.1"),
        ("http://[2606:4700:4700::1111]/", "2606:4700:4700::1111"),
        ("http://[::ffff:8.8.8.8]/", "8.8.8.8"),
        ("http://[64:ff9b::8.8.8.8]/", "64:ff9b::808:808"),
    ],
)
async def test_a_public_address_is_connected_to_as_what_it_is(url: str, address: str) -> None:
    connector = RecordingConnector()
    error = await refusal(fetcher_with(FakeResolver(), connector), url)
    assert (error.code, connector.attempts) == ("unreachable", [(address, 80)])


async def test_tls_is_checked_for_the_name_and_made_to_the_address() -> None:
    connector = RecordingConnector()
    await refusal(fetcher_with(FakeResolver(anything=(PUBLIC,)), connector), "https://bücher.example.com/")
    assert (connector.attempts, connector.names) == ([(PUBLIC, 443)], ["xn--bcher-kva.example.com"])


async def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    async with ScriptedWeb(reply_sequence(reply(200, b"second"))) as web:
        connector = RecordingConnector(web.port, refusing=frozenset({PUBLIC_V6}))
        fetcher = fetcher_with(FakeResolver(anything=(PUBLIC_V6, PUBLIC)), connector)
        fetched = await fetcher.fetch(FetchRequest("http://two.example.com/"))
    assert (fetched.body, connector.attempts) == (b"second", [(PUBLIC_V6, 80), (PUBLIC, 80)])


async def test_a_network_that_the_operator_refuses_is_not_asked_though_it_is_public() -> None:
    connector = RecordingConnector()
    fetcher = fetcher_with(FakeResolver(anything=(PUBLIC,)), connector, Reach.read("", "93.184.0.0/16, 2606:2800::/32"))
    assert (await refusal(fetcher, "http://own.example.com/")).code == "address_refused"
    assert (await refusal(fetcher, f"http://[{PUBLIC_V6}]/")).code == "address_refused"
    assert connector.attempts == []


async def test_a_host_that_the_operator_allows_is_asked_on_its_port_alone() -> None:
    connector = RecordingConnector()
    fetcher = fetcher_with(FakeResolver(anything=("10.0.0.5",)), connector, Reach.read("wiki:8080", ""))
    assert (await refusal(fetcher, "http://wiki:8080/page")).code == "unreachable"
    assert (await refusal(fetcher, "http://wiki/page")).code == "host_refused"
    assert (await refusal(fetcher, "http://other.example.com:8080/")).code == "port_refused"
    assert connector.attempts == [("10.0.0.5", 8080)]


async def test_a_client_of_one_service_asks_nothing_else() -> None:
    connector = RecordingConnector()
    reach = Reach.of_service("http://searxng:8080/search")
    fetcher = fetcher_with(FakeResolver(anything=("10.0.0.5",)), connector, reach)
    assert (await refusal(fetcher, "http://searxng:8080/search?q=x")).code == "unreachable"
    assert (await refusal(fetcher, "http://searxng:9090/")).code == "host_refused"
    assert (await refusal(fetcher, "https://example.com/")).code == "host_refused"
    assert connector.attempts == [("10.0.0.5", 8080)]
