"""The envelope: metadata in the Kafka headers of every message, so that the value is the payload alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from libs.contracts.origin import Origin
from libs.core.errors import Unacceptable
from libs.core.outside_numbers import COUNT_LIMIT, is_unix_time

Headers = tuple[tuple[str, bytes], ...]


CONTRACTS = "contracts"


class MalformedEnvelope(Unacceptable):
    """A header is missing or unreadable."""

    code = "malformed_envelope"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Identity and origin of a message.

    `event_id` is a function of (response, stage, part, revision); `deadline_at` is Unix time in seconds; `attempt`
    counts from 1; `trace` is a W3C traceparent; `schema` names message and version. `subject` is the pseudonym of the
    person behind the request, empty without one; `reads` is the JSON of the reads from outside the log that led to this
    message (libs.core.reads), empty without any; `waited_ms` is the time that the request has waited in queues so far,
    along its longest path. `contracts` is the revision of the contracts (libs.contracts.field_revisions) of the code
    that wrote the payload, from a header of its own; 0 without one. `logged_ms` is the time of the record on the log,
    in Unix milliseconds; 0 for a message that was not read from there. It is no header.
    """

    event_id: str
    response_id: str
    tenant: str
    causation_id: str
    deadline_at: float
    schema: str
    trace: str
    attempt: int = 1
    subject: str = ""
    reads: str = ""
    waited_ms: int = 0
    contracts: int = field(default=0, compare=False)
    logged_ms: int = field(default=0, compare=False)

    def headers(self, signature: str, key_id: str = "") -> Headers:
        """Headers for the wire; `key_id` names the key of the signature."""
        always: Headers = (
            ("event_id", self.event_id.encode()),
            ("response_id", self.response_id.encode()),
            ("tenant", self.tenant.encode()),
            ("causation_id", self.causation_id.encode()),
            ("deadline_at", _time_text(self.deadline_at).encode()),
            ("schema", self.schema.encode()),
            ("trace", self.trace.encode()),
            ("attempt", str(self.attempt).encode()),
            ("signature", signature.encode()),
        )
        if key_id:
            always = (*always, ("key_id", key_id.encode()))
        if not (self.subject or self.reads or self.waited_ms):
            return always
        optional = ("subject", self.subject), ("reads", self.reads), ("waited_ms", str(self.waited_ms or ""))
        return (*always, *((name, value.encode()) for name, value in optional if value))

    @property
    def request(self) -> tuple[str, str]:
        """Tenant and response id: a response id is unique within its tenant only."""
        return self.tenant, self.response_id

    @property
    def origin(self) -> Origin:
        """The facts that a new history under the same response id starts from."""
        return Origin(self.response_id, self.tenant, self.deadline_at, self.trace, self.subject)

    def with_output_metadata(self, reads: str, waited_ms: int) -> "Envelope":
        """A copy with the recorded reads and the waiting time."""
        return Envelope(
            event_id=self.event_id,
            response_id=self.response_id,
            tenant=self.tenant,
            causation_id=self.causation_id,
            deadline_at=self.deadline_at,
            schema=self.schema,
            trace=self.trace,
            attempt=self.attempt,
            subject=self.subject,
            reads=reads,
            waited_ms=waited_ms,
        )

    def by(self, deadline_at: float) -> "Envelope":
        """A copy with an earlier deadline; a later one is ignored."""
        return replace(self, deadline_at=min(deadline_at, self.deadline_at))


def read_envelope(headers: Iterable[tuple[str, bytes]], logged_ms: int = 0) -> tuple[Envelope, str]:
    """Envelope and signature of a record. Raises MalformedEnvelope, which names the header at fault."""
    try:
        values = {name: value.decode() for name, value in headers}
        envelope = Envelope(
            event_id=values["event_id"],
            response_id=values["response_id"],
            tenant=values["tenant"],
            causation_id=values["causation_id"],
            deadline_at=float(values["deadline_at"]),
            schema=values["schema"],
            trace=values["trace"],
            attempt=int(values["attempt"]),
            subject=values.get("subject", ""),
            reads=values.get("reads", ""),
            waited_ms=int(values.get("waited_ms", "0")),
            contracts=int(values.get(CONTRACTS, "0")),
            logged_ms=logged_ms,
        )
        signature = values["signature"]
    except KeyError as missing:
        raise MalformedEnvelope(f"header {missing} is missing") from missing
    except ValueError as error:  # its text may quote the header
        raise MalformedEnvelope(f"a header cannot be read ({type(error).__name__})") from error
    if not is_possible(envelope):
        raise MalformedEnvelope("deadline_at, attempt or waited_ms is no possible value")
    return envelope, signature


def _time_text(unix_s: float) -> str:
    return f"{unix_s:.6f}"


def written_time(unix_s: float) -> float:
    """The time that a reader of the header finds: rounded to microseconds."""
    return float(_time_text(unix_s))


def is_possible(envelope: Envelope) -> bool:
    """False for a deadline, attempt or wait that no process computes."""
    counts = 1 <= envelope.attempt <= COUNT_LIMIT and 0 <= envelope.waited_ms <= COUNT_LIMIT
    return counts and is_unix_time(envelope.deadline_at)


def key_id_of(headers: Iterable[tuple[str, bytes]]) -> str:
    """Name of the signing key. Empty for a missing or unreadable header."""
    return next((value.decode("ascii", "replace") for name, value in headers if name == "key_id"), "")
