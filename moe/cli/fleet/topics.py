"""`moe topics`: the broker's topics against those that the fleet needs."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from libs.adapters.kafka.topic_plan import Change
    from libs.adapters.kafka.topics import Applied, TopicClient

C = TypeVar("C", bound=Callable[..., object])


def _options(command: C) -> C:
    copies = click.option(
        "--replication-factor",
        type=click.IntRange(1, 9),
        help="Replicas of each partition. Default: one per broker, at most three.",
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per change.")
    return as_json(copies(command))


@click.group()
def topics() -> None:
    """Compare the broker's topics with the fleet's, and change them.

    Reads KAFKA_URL or, when it is not set, the broker of the fleet that runs on MOE_DATA_DIR. Partitions only grow:
    more of them than the fleet asks for are left alone.
    """


@topics.command()
@_options
def plan(replication_factor: int | None, *, as_json: bool) -> None:
    """Print what `apply` would do."""
    planned = asyncio.run(_planned(replication_factor))
    _print(planned, as_json=as_json)
    if not planned and not as_json:
        click.echo("nothing to do")


@topics.command()
@_options
def check(replication_factor: int | None, *, as_json: bool) -> None:
    """Print the differences; exit code 1 if there are any."""
    planned = asyncio.run(_planned(replication_factor))
    _print(planned, as_json=as_json)
    if planned:
        raise SystemExit(1)
    if not as_json:
        click.echo("the topics match their declarations")


@topics.command()
@_options
def apply(replication_factor: int | None, *, as_json: bool) -> None:
    """Create topics, grow partitions, set retention and segments; may be repeated. Exit code 1 if something is left."""
    results = asyncio.run(_applied(replication_factor))
    for applied in results:
        click.echo(_json(applied.change, applied.result) if as_json else f"{applied.result:<11}  {applied.change}")
    if not results and not as_json:
        click.echo("nothing to do")
    if any(applied.result != "done" for applied in results):
        raise SystemExit(1)


async def _planned(replication: int | None) -> "tuple[Change, ...]":
    from libs.contracts.catalogue import TOPICS

    async with _client() as client:
        return await client.plan(TOPICS, replication)


async def _applied(replication: int | None) -> "tuple[Applied, ...]":
    from libs.contracts.catalogue import TOPICS

    async with _client() as client:
        return await client.apply(await client.plan(TOPICS, replication))


def _client() -> "AbstractAsyncContextManager[TopicClient]":
    from libs.adapters.kafka.topics import topic_client
    from moe.cli.context.endpoints import broker_settings

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the error states it in one line
    return topic_client(broker_settings().connection)


def _print(planned: "tuple[Change, ...]", *, as_json: bool) -> None:
    for change in planned:
        click.echo(_json(change) if as_json else str(change))


def _json(change: "Change", result: str | None = None) -> str:
    told = {"change": change.kind, "topic": change.topic.name, "have": change.have, "want": change.want}
    wanted = {"partitions": change.topic.partitions, "retention_ms": change.topic.retention_ms}
    return json.dumps(told | wanted | ({"result": result} if result else {"by_hand": change.by_hand}))
