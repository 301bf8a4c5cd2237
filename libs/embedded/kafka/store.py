"""Apache Kafka as an embedded store."""

import os
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from pathlib import Path

from libs.embedded.addresses import broker_address
from libs.embedded.broker_check import broker_answers
from libs.embedded.choice import EmbeddedStores
from libs.embedded.guarded import run_to_end
from libs.embedded.job import Job
from libs.embedded.kafka.access import USERNAME, BrokerAccess, SecuredStart
from libs.embedded.kafka.class_archive import class_archive_options
from libs.embedded.kafka.jars import ensure_jars
from libs.embedded.kafka.java import find_java
from libs.embedded.kafka.properties import rendered
from libs.embedded.ports import free_port
from libs.embedded.secret_file import write_private
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.runtime.settings.kafka_connection import KafkaConnection

_FORMAT_TIMEOUT_S = 60.0
_LOGGING = Path(__file__).with_name("log4j2.xml")
_MEMORY = ("-Xms128m", "-Xmx256m", "-XX:+UseSerialGC")
_COMPILER = ("-XX:TieredStopAtLevel=1",)  # a third less CPU in the first minutes; at this size no less throughput


@dataclass(slots=True)
class Runtime:
    """Results of `prepare`: the Java command, the folder of jars, and the options for the class archive."""

    java: Path = Path()
    jars: Path = Path()
    archive_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kafka:
    """One node. Its storage is formatted once and keeps the cluster id; topics and offsets survive restarts.

    Also uses a folder from before client authentication unchanged: users are written at each start.
    """

    folders: Folders
    jar_cache: Path
    authenticated: bool = True  # False: for brokers of tests, which need no credentials
    uses_class_archive: bool = True
    name: StoreName = "kafka"
    ready_within_s: float = 90.0
    _runtime: Runtime = field(default_factory=Runtime)

    async def prepare(self, owner: Owner) -> None:
        self._runtime.java = await find_java()
        self._runtime.jars = await ensure_jars(self.jar_cache, self._runtime.java, self.folders.log, owner)
        if self.uses_class_archive:
            jars, java = self._runtime.jars, self._runtime.java
            self._runtime.archive_options = await class_archive_options(jars, java, self._recording_broker, owner)
        if not self._is_formatted():
            await self._format(owner)

    def _recording_broker(self, folders: Folders) -> "Kafka":
        """A broker with client authentication, which also loads the classes of brokers without it."""
        return Kafka(folders, self.jar_cache, uses_class_archive=False)

    @property
    def _data(self) -> Path:
        return self.folders.home / "data"

    @property
    def _cluster_id_file(self) -> Path:
        return self.folders.home / "cluster-id"

    @property
    def _properties_file(self) -> Path:
        return self.folders.home / "server.properties"

    def _is_formatted(self) -> bool:
        return self._cluster_id_file.exists() and (self._data / "meta.properties").exists()

    async def _format(self, owner: Owner) -> None:
        if not self._cluster_id_file.exists():
            write_private(self._cluster_id_file, new_cluster_id())
        write_private(self._properties_file, rendered(1, 2, self._data, None))  # formatting opens no port
        arguments = ("format", "-t", self._cluster_id_file.read_text(), "-c", str(self._properties_file))
        command = (*self._java_command(), "kafka.tools.StorageTool", *arguments, "--ignore-formatted")
        await run_to_end(self._job(command), _FORMAT_TIMEOUT_S, owner.keep_open)

    def launch(self, port: int) -> Launch:
        address, cluster_id = broker_address(port), self._cluster_id_file.read_text()
        access = BrokerAccess.stored_in(self.folders.home) if self.authenticated else None
        controller_port = free_port()
        write_private(self._properties_file, rendered(port, controller_port, self._data, access))
        job = self._job((*self._java_command(), "kafka.Kafka", str(self._properties_file)))
        gives = EmbeddedStores(kafka=address, kafka_incarnation=cluster_id, kafka_durable=True)
        if access is None:
            opened = KafkaConnection(address)
            return Launch(job, lambda: broker_answers(opened, cluster_id), (port, controller_port), gives)
        gives = replace(gives, kafka_username=USERNAME, kafka_password=access.password)
        start = SecuredStart(access, access.connection_to(address), controller_port, cluster_id)
        return Launch(job, start.is_ready, (port, controller_port), gives)

    def _java_command(self) -> tuple[str, ...]:
        options = (*_MEMORY, *_COMPILER, *self._runtime.archive_options, f"-Dlog4j2.configurationFile={_LOGGING}")
        return (str(self._runtime.java), *options, "-cp", f"{self._runtime.jars}/*")

    def _job(self, argv: tuple[str, ...]) -> Job:
        return Job(
            argv, self.folders.log, self.folders.home, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, grace_s=2.5
        )


def new_cluster_id() -> str:
    """A random UUID in URL-safe Base64, as Kafka generates them; never begins with a dash."""
    while (text := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
