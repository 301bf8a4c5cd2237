"""The guard lines whose removal a scene on the memory bus must detect."""

from tests.chaos.mutation.mutation import Mutation

LOST = "come-and-go"

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "nothing unfinished is committed",
        "libs/runtime/ledger/partition.py",
        "return Progress(self.watermark, self._finished.listed(), self._changes)",
        "return Progress(self.next_offset, (), self._changes)",
        LOST,
    ),
    Mutation(
        "a record of an open join is not committed",
        "libs/runtime/join/runner.py",
        "aggregate.hold(delivery, message, self._context.clock.now())",
        "aggregate.hold(delivery, message, self._context.clock.now()); delivery.done()",
        LOST,
    ),
    Mutation(
        "a sink's record is not committed before it is stored",
        "libs/runtime/delivery/sinks.py",
        "record = delivery.record",
        "record = delivery.record; delivery.done()",
        LOST,
    ),
    Mutation(
        "a record is done only when it was handled",
        "libs/runtime/delivery/policy.py",
        "message = await self._read(delivery.record)",
        "delivery.done(); message = await self._read(delivery.record)",
        LOST,
    ),
    Mutation(
        "what the broker did not acknowledge is said again",
        "libs/runtime/delivery/backoff.py",
        "attempt += 1",
        "return",
        "broker-away",
    ),
    Mutation(
        "repeated work is swallowed",
        "libs/runtime/delivery/policy.py",
        "if self._deduplication.knows(envelope):",
        "if False:",
        "said-again",
    ),
    Mutation(
        "a closed request is never opened again",
        "libs/runtime/join/runner.py",
        'self._closed[request] = late.snapshot(state) if late is not None and state is not None else ""',
        "pass",
        "said-again",
    ),
    Mutation(
        "every request ends at its deadline",
        "libs/runtime/join/runner.py",
        "await self._tick(request, now)",
        "pass",
        "nobody-plans",
    ),
    Mutation(
        "no stage works after the deadline",
        "libs/runtime/delivery/attempt.py",
        "return message.envelope.deadline_at - self.context.clock.now()",
        "return 60.0",
        "nobody-plans",
    ),
    Mutation(
        "a cancel stops running calls",
        "libs/runtime/process/fleet.py",
        "self._place.calls.cancel(message.envelope.request)",
        "pass",
        "left-alone",
    ),
    Mutation(
        "a process that comes back knows what was cancelled",
        "libs/runtime/process/fleet.py",
        "self._bus.add(TailSubscription(REQUEST_CANCELLED.name, 0, self._on_cancelled, since_ms))",
        "self._bus.add(TailSubscription(REQUEST_CANCELLED.name, 0, self._on_cancelled))",
        "left-and-killed",
    ),
    Mutation(
        "no record without the key is believed",
        "libs/runtime/messaging/signing.py",
        "if hmac.compare_digest(expected.encode(), received):",
        "if True:",
        "forged",
    ),
    Mutation(
        "the join consumes events of the request's tenant alone",
        "libs/runtime/join/runner.py",
        "if self._ownership.is_foreign(request):",
        "if False:",
        "foreign",
    ),
    Mutation(
        "the gateway consumes events of the request's tenant alone",
        "services/gateway/replies/pending_replies.py",
        "if pending.tenant != tenant:",
        "if False:",
        "foreign",
    ),
)
