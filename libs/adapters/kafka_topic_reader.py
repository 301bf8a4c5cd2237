"""How topics are, as a broker tells it."""

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from libs.adapters.topic_plan import ObservedTopic

RETENTION = "retention.ms"
SEGMENT = "segment.ms"
COMPRESSION_TYPE = "compression.type"
_SET_ON_THE_TOPIC = 1  # DYNAMIC_TOPIC_CONFIG of KIP-226; everything else is a default from somewhere
_Settings = dict[str, tuple[str, int]]  # value and source by name


class TopicReader:
    """Asks, and changes nothing. Everything raises KafkaError, OSError or TimeoutError."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def brokers(self) -> int:
        """Return how many brokers there are."""
        return len((await self._admin.describe_cluster())["brokers"])

    async def observed(self, names: Iterable[str]) -> dict[str, ObservedTopic]:
        """Return those of the named topics that exist."""
        # Asked by name, a broker may create the topic that it is asked about; so ask for all.
        found = {each["topic"]: each["partitions"] for each in await self._admin.describe_topics()}
        present = {name: found[name] for name in names if name in found}
        settings = await self._settings(present)
        return {
            name: ObservedTopic(
                partitions=len(partitions),
                replication=min((len(each["replicas"]) for each in partitions), default=0),
                retention_ms=_milliseconds(settings.get(name, {}), RETENTION),
                segment_ms=_milliseconds(settings.get(name, {}), SEGMENT),
                compression=settings.get(name, {}).get(COMPRESSION_TYPE, (None, 0))[0],
            )
            for name, partitions in present.items()
        }

    async def own_settings(self, name: str) -> dict[str, str]:
        """Return the settings that were made on one topic, without the defaults."""
        settings = (await self._settings([name])).get(name, {})
        return {key: value for key, (value, source) in settings.items() if source == _SET_ON_THE_TOPIC}

    async def _settings(self, names: Iterable[str]) -> dict[str, _Settings]:
        # All settings, always: asked for one of them, an incomplete broker hangs up.
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        found: dict[str, _Settings] = {}
        for response in await self._admin.describe_configs(resources):
            for code, message, _, name, entries in response.resources:
                raise_for(code, message)
                found[name] = {entry[0]: (entry[1], entry[3]) for entry in entries}
        return found


def raise_for(code: int, message: str | None) -> None:
    """Raise the KafkaError of a response's error code, if it is one."""
    if code:
        raise for_code(code)(message or "")


def _milliseconds(settings: _Settings, name: str) -> int | None:
    value, _ = settings.get(name, ("", 0))
    return int(value) if value else None
