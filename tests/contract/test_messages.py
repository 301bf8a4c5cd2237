"""Every message has an example, every topic a consumer, every command exactly one."""

from collections.abc import Iterable

from libs.contracts.catalogue import COMMANDS, MESSAGES, TOPICS, has_group, message_type
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.part_sources import PART_SOURCES
from moe.generate.wiring import ServiceWiring, consumers, fleet_wiring


def without_example(messages: Iterable[type[Message]], examples: Iterable[Message]) -> list[str]:
    shown = {type(example) for example in examples}
    return [message.__name__ for message in messages if message not in shown]


def wiring_errors(wiring: tuple[ServiceWiring, ...]) -> list[str]:
    """Topics without a consumer, commands without exactly one, and messages without a publisher."""
    sink = any(service.sink for service in wiring)
    heard = {topic.name for service in wiring for message in service.consumes for topic in message.topics}
    said = {message for service in wiring for message in service.publishes}
    errors = [f"no service consumes {topic.name}" for topic in TOPICS if not sink and topic.name not in heard]
    errors += [f"{c.__name__} goes to {consumers(wiring, c)}" for c in COMMANDS if len(consumers(wiring, c)) != 1]
    return errors + [f"no service publishes {message.__name__}" for message in MESSAGES if message not in said]


def test_every_message_has_an_example() -> None:
    assert without_example(MESSAGES, EXAMPLES) == []


def test_a_missing_example_is_found() -> None:
    assert without_example(MESSAGES, EXAMPLES[1:]) == [type(EXAMPLES[0]).__name__]


def test_every_example_survives_the_wire() -> None:
    for example in EXAMPLES:
        kind = message_type(example.envelope.schema)
        assert kind is type(example)
        assert kind.model_validate_json(example.body()).bound(example.envelope) == example


def test_every_topic_has_a_consumer_and_every_command_exactly_one() -> None:
    assert wiring_errors(fleet_wiring()) == []


def group_errors(wiring: tuple[ServiceWiring, ...]) -> list[str]:
    """Topics without exactly one group, and topics whose group differs from the catalogue."""
    groups = {topic: [service.name for service in wiring if topic in service.groups] for topic in TOPICS}
    errors = [f"{topic.name} is consumed by {names}" for topic, names in groups.items() if len(names) > 1]
    return errors + [
        f"has_group({topic.name}) errs" for topic, names in groups.items() if has_group(topic) != bool(names)
    ]


def test_every_topic_has_exactly_one_dead_letter_publisher() -> None:
    assert group_errors(fleet_wiring()) == []


def test_a_topic_that_lost_its_group_and_one_with_two_are_found() -> None:
    fleet = fleet_wiring()
    without_merger = tuple(service for service in fleet if service.name != "merger")
    assert "has_group(moe.pipeline.progress.v1) errs" in group_errors(without_merger)
    merger = next(service for service in fleet if service.name == "merger")
    assert any(error.startswith("moe.pipeline.retry-5s.v1 is consumed by") for error in group_errors((*fleet, merger)))


def test_a_missing_consumer_and_a_second_one_are_found() -> None:
    fleet = fleet_wiring()
    without_critic = tuple(service for service in fleet if service.name != "critic")
    assert "AnswerDrafted goes to ()" in wiring_errors(without_critic)
    twin = next(service for service in fleet if service.name == "planner")
    assert any(error.startswith("QuestionAsked goes to") for error in wiring_errors((*fleet, twin)))


def test_the_service_of_a_part_source_alone_consumes_its_commands() -> None:
    wiring = fleet_wiring()
    for source in PART_SOURCES:
        assert {consumers(wiring, command) for command in source.commands} == {(source.service,)}
