"""Fixtures of the benchmarks: one real Kafka for all of them, and a place for their figures."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest
import pytest_asyncio
import uvloop

from libs.adapters.kafka.topics import ensure_topics
from libs.runtime.settings import BusSettings
from libs.testing.native_kafka import native_kafka
from tests.bench.figures import Figures, read_released
from tests.suites.line import NOT_JUDGED

_FIGURES = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--judge-figures", action="store_true", help="Fail benches that are worse than the last release.")
    parser.addoption("--save-figures", action="store_true", help="Keep the figures as those of a release.")


def pytest_configure(config: pytest.Config) -> None:
    judged = bool(config.getoption("--judge-figures"))
    config.stash[_FIGURES] = Figures(judged, read_released()) if judged else Figures()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash[_FIGURES]
    if config.getoption("--save-figures"):
        found.save()
    if found.unjudged:
        terminalreporter.write_line(f"{NOT_JUDGED}, as the machine was busy: {', '.join(found.unjudged)}")
    if found.judged and not found.released:
        terminalreporter.write_line(f"{NOT_JUDGED}, as no release has any: `make bench ARGS=--save-figures`")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """Where a bench puts its figures; with `--judge-figures` it fails if one is worse than the last release's."""
    found = request.config.stash[_FIGURES]
    found.start()
    yield found
    assert not found.worse, "\n".join(found.worse)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Measure on the event loop that the product runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka() -> AsyncIterator[BusSettings]:
    """A native Apache Kafka with the fleet's topics."""
    async with native_kafka() as broker:
        settings = BusSettings(kafka_url=f"kafka://{broker.bootstrap}")
        await ensure_topics(settings)
        yield settings
