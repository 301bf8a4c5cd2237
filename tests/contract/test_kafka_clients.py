"""Every Kafka client is constructed with a `KafkaConnection`: there is no second way to the broker."""

import ast
from collections.abc import Iterator, Mapping

import pytest

from tests.contract import rules

CODE = rules.sources("libs", "services", "moe")
# What opens connections, and how each takes the address, the user and the certificates of a `KafkaConnection`.
UNPACKED = {
    "AIOKafkaProducer": "client_options",
    "AIOKafkaConsumer": "client_options",
    "AIOKafkaAdminClient": "client_options",
    "AIOKafkaClient": "client_options",
    "create_conn": "security_options",
}
FASTSTREAM = {"KafkaBroker"}
CONTROLLER = "libs/embedded/kafka/access.py"  # authenticates by hand to the listener of the embedded controller
RESERVED = ("bootstrap_servers", "security_protocol", "ssl_context", "sasl_")


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def unsecured(files: Mapping[str, str]) -> list[str]:
    """Constructions of a client without a connection, or with an option beside it."""
    return [f"{path}:{call.lineno}" for path, text in files.items() for call in _clients(text) if not _is_secured(call)]


def _clients(text: str) -> Iterator[ast.Call]:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return (call for call in calls if _name(call) in {*UNPACKED, *FASTSTREAM})


def _is_secured(call: ast.Call) -> bool:
    given = [keyword.arg or "" for keyword in call.keywords]
    if _name(call) in FASTSTREAM:
        return "security" in given
    wanted, unpacked = UNPACKED[_name(call)], [keyword.value for keyword in call.keywords if keyword.arg is None]
    from_connection = any(
        isinstance(node, ast.Call) and _name(node) == wanted for value in unpacked for node in ast.walk(value)
    )
    return from_connection and not any(name.startswith(RESERVED) for name in given)


def test_no_client_is_constructed_without_a_connection() -> None:
    assert unsecured({path: text for path, text in CODE.items() if path != CONTROLLER}) == []


def test_all_kinds_of_clients_are_looked_at() -> None:
    found = {_name(call) for text in CODE.values() for call in _clients(text)}
    assert found >= {"AIOKafkaProducer", "AIOKafkaConsumer", "AIOKafkaAdminClient", "create_conn", "KafkaBroker"}


@pytest.mark.parametrize(
    "call",
    [
        "AIOKafkaProducer(bootstrap_servers='a:1')",
        "aiokafka.AIOKafkaConsumer('topic', bootstrap_servers='a:1')",
        "AIOKafkaAdminClient(**options)",
        "AIOKafkaAdminClient(**broker.client_options(), security_protocol='PLAINTEXT')",
        "create_conn('a', 1)",
        "KafkaBroker('a:1')",
    ],
)
def test_a_client_without_a_connection_is_found(call: str) -> None:
    assert unsecured({"a.py": call}) == ["a.py:1"]
