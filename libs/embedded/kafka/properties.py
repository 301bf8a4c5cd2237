"""The configuration of a one-node Kafka."""

from pathlib import Path

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
# Nobody else is in the cluster to wait for; the session of a killed broker ends early enough for a quick restart.
_WAITING = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
}


def rendered(broker_port: int, controller_port: int, log_dir: Path) -> str:
    """Return the text of a server.properties: broker and controller in one process, both on loopback."""
    broker, controller = f"{LOOPBACK}:{broker_port}", f"{LOOPBACK}:{controller_port}"
    node = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{broker}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": _escaped(str(log_dir)),
    }
    return "".join(f"{name}={value}\n" for name, value in (node | _SIZES | _WAITING).items())


def _escaped(value: str) -> str:
    """Escape as java.util.Properties reads it; it knows Latin-1 and \\u alone."""
    plain = value.replace("\\", "\\\\")
    return "".join(letter if ord(letter) < 128 else f"\\u{ord(letter):04x}" for letter in plain)
