"""A client's knowledge of the gateway, and its requests."""

from dataclasses import dataclass

MODEL = "moe-orchestrator"
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"  # a GIF of one point
BARE_MODEL = "scripted:7b@scripted"  # one model on one node, without the fleet
EMBEDDING_MODEL = "letters@scripted"
WEATHER_SCHEMA: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@dataclass(frozen=True)
class FleetAddress:
    """The address of the gateway without a path, and keys: for everything, for the concise mode alone, for six
    requests a minute (one for each client that tries it), and those bound to profiles: one that is not there, one of a
    model, one of the fleet, one with a short window."""

    url: str
    key: str
    narrow_key: str
    slow_keys: dict[str, str]
    lost_key: str
    native_key: str
    fleet_key: str
    short_key: str

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"


@dataclass(frozen=True)
class Question:
    """A question with a unique token, which every scripted answer repeats."""

    token: str

    @property
    def plain(self) -> str:
        return f"How large should a connection pool be, see {self.token}?"

    def weather(self, *cities: str) -> str:
        """Question whose model calls the tool `weather` once for each city."""
        return f"What is the weather in {' and '.join(cities)}, see {self.token}?"

    @property
    def slow(self) -> str:
        return f"Think slowly about {self.token}."

    @property
    def unanswerable(self) -> str:
        return f"This one is unanswerable, see {self.token}."
