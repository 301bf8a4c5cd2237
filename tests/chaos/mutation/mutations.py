"""The guard lines: each is what keeps one promise, and each must be missed when it is gone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """`line` (without its indentation) stands once in `file`; `becomes` takes its place; `scene` must go red then."""

    promise: str
    file: str
    line: str
    becomes: str
    scene: str


LEDGER = "libs/runtime/ledger.py"
POLICY = "libs/runtime/policy.py"
JOINING = "libs/runtime/joining.py"
FLEET = "libs/runtime/fleet.py"
SIGNING = "libs/runtime/signing.py"

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "nothing unfinished is committed",
        LEDGER,
        "return Progress(self.watermark, self._finished.listed(), self._changes)",
        "return Progress(self.next_offset, (), self._changes)",
        "come-and-go",
    ),
    Mutation(
        "a record of an open join is not committed",
        JOINING,
        "aggregate.held.append(delivery)",
        "delivery.done()",
        "come-and-go",
    ),
    Mutation(
        "a sink's record is not committed before it is stored",
        FLEET,
        'await stubbornly(lambda: sink.store(delivery.record), self._options.backoff, "a sink waits for its store")',
        "delivery.done(); await sink.store(delivery.record)",
        "come-and-go",
    ),
    Mutation(
        "a record is done only when it was handled",
        POLICY,
        "message = read(delivery.record, self._place.signer)",
        "delivery.done(); message = read(delivery.record, self._place.signer)",
        "come-and-go",
    ),
    Mutation(
        "what the broker did not acknowledge is said again",
        POLICY,
        "await asyncio.sleep(backoff.pause_s(attempt))",
        "return",
        "broker-away",
    ),
    Mutation(
        "repeated work is swallowed",
        POLICY,
        "if envelope.event_id in self._seen:",
        "if False:",
        "said-again",
    ),
    Mutation(
        "a closed request is never opened again",
        JOINING,
        "self._closed.add(response_id)",
        "pass",
        "said-again",
    ),
    Mutation(
        "every request ends at its deadline",
        JOINING,
        "await self._tick(response_id, now)",
        "pass",
        "nobody-plans",
    ),
    Mutation(
        "no work begins after the deadline",
        POLICY,
        "if left <= 0:",
        "left = max(left, 5.0)\n        if left <= 0:",
        "nobody-plans",
    ),
    Mutation(
        "a cancel stops running calls",
        FLEET,
        "self._calls.cancel(message.envelope.response_id)",
        "pass",
        "left-alone",
    ),
    Mutation(
        "nobody without the key is believed",
        SIGNING,
        "if not hmac.compare_digest(self.sign(envelope, body).encode(), signature.encode()):",
        "if False:",
        "forged",
    ),
)
