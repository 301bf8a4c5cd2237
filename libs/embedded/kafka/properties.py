"""The configuration of a one-node Kafka."""

from pathlib import Path

from libs.embedded.kafka.access import CONTROLLER_USERNAME, USERNAME, BrokerAccess
from libs.embedded.ports import LOOPBACK

# Sizes for one machine: internal topics with few partitions, one copy each.
_SIZES = {
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "log.cleaner.dedupe.buffer.size": "4194304",
}
# There is no other node to wait for; the session of a killed broker expires early enough for a quick restart.
_WAITING = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
}


def rendered(broker_port: int, controller_port: int, log_dir: Path, access: BrokerAccess | None) -> str:
    """The text of a server.properties: broker and controller in one process, both on loopback.

    Holds the passwords of `access`; with None, any local user can use the broker.
    """
    broker, controller = f"{LOOPBACK}:{broker_port}", f"{LOOPBACK}:{controller_port}"
    protocol = "PLAINTEXT" if access is None else "SASL_PLAINTEXT"
    node = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"BROKER://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"BROKER://{broker}",
        "listener.security.protocol.map": f"BROKER:{protocol},CONTROLLER:{protocol}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "BROKER",
        "log.dirs": _escaped(str(log_dir)),
    }
    secured = {} if access is None else _secured(access)
    return "".join(f"{name}={value}\n" for name, value in (node | secured | _SIZES | _WAITING).items())


def _secured(access: BrokerAccess) -> dict[str, str]:
    """Credentials of both listeners, and those of the node as its own client."""
    security = "org.apache.kafka.common.security"
    user = f'username="{USERNAME}" password="{access.password}"'
    node = f'username="{CONTROLLER_USERNAME}" password="{access.controller_password}"'
    node += f' user_{CONTROLLER_USERNAME}="{access.controller_password}"'  # as the client, and as the server
    return {
        "listener.name.broker.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.broker.scram-sha-512.sasl.jaas.config": f"{security}.scram.ScramLoginModule required {user};",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": f"{security}.plain.PlainLoginModule required {node};",
        "sasl.mechanism.controller.protocol": "PLAIN",
    }


def _escaped(value: str) -> str:
    """Escape for java.util.Properties, which reads only Latin-1 and \\u."""
    plain = value.replace("\\", "\\\\")
    return "".join(letter if ord(letter) < 128 else f"\\u{ord(letter):04x}" for letter in plain)
