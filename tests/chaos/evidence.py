"""Final state of the stores: the log, the journal, and the model server's own list of calls.

Times are Unix seconds.
"""

from dataclasses import dataclass

Position = tuple[str, int, int]  # topic, partition, offset
Positions = frozenset[Position]
Copies = tuple[tuple[Position, Position], ...]  # positions of a copy and its original


@dataclass(frozen=True, slots=True)
class Opened:
    """A request that was accepted."""

    response_id: str
    tenant: str
    token: str
    at: float
    deadline_at: float


@dataclass(frozen=True, slots=True)
class Said:
    """An end on the log; `outcome` as the contract names it, `text` empty when it is no answer."""

    response_id: str
    tenant: str
    at: float
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A cancel on the log."""

    response_id: str
    tenant: str
    at: float


@dataclass(frozen=True, slots=True)
class Called:
    """One model call. `prompt` names its whole input: two calls with one prompt are the same work done twice."""

    token: str
    stage: str
    prompt: str
    started: float
    ended: float


@dataclass(frozen=True, slots=True)
class Named:
    """A record under its claimed name; `value` is a hash of its body."""

    position: Position
    response_id: str
    event_id: str
    schema: str
    value: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """Result of `moe replay --verify` for a request: its verdict, and the first difference or nothing."""

    response_id: str
    status: str
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Ends are in the order of the log: `replies` for gateways, `facts` for the join, `logged` for the record.

    `log` has every position of the broker's log, `journal` the stored ones; None: there was no journal. `dead` are the
    positions of dead-lettered records, `injected` those of the poison. `named` are all readable records, `superseded`
    those that the journal marks so. `chain` is the fault of the journal's chain. `replayed` are the requests that were
    replayed from the journal; None: no replay ran. `worked` has each stage with each version of the code that it ran.
    """

    opened: tuple[Opened, ...]
    replies: tuple[Said, ...]
    facts: tuple[Said, ...]
    logged: tuple[Said, ...] = ()
    cancelled: tuple[Cancelled, ...] = ()
    called: tuple[Called, ...] = ()
    log: Positions = frozenset()
    journal: Positions | None = None
    dead: Positions = frozenset()
    injected: Positions = frozenset()
    copies: Copies = ()
    named: tuple[Named, ...] = ()
    superseded: Positions = frozenset()
    chain: str = ""
    replayed: tuple[Replayed, ...] | None = None
    worked: frozenset[tuple[str, str]] = frozenset()
