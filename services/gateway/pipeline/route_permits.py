"""Permits for the work of routes beside answers: tenants share them fairly (ADR 18)."""

from dataclasses import dataclass, field

from services.gateway.lookup.permits import LookupPermits

CONCURRENT_REQUESTS = 64  # look-ups, feedback, ingestion: a store takes most of their time
CONCURRENT_COUNTS = 2  # each one keeps a core busy
CONCURRENT_EMBEDDINGS = 16
EMBEDDING_WAIT_S = 30.0  # a batch takes longer than a look-up


@dataclass(frozen=True)
class RoutePermits:
    """`requests` bounds routes that reserve nothing else, `counts` tokenizing, `embeddings` calls of the embedder."""

    requests: LookupPermits = field(default_factory=lambda: LookupPermits(CONCURRENT_REQUESTS))
    counts: LookupPermits = field(default_factory=lambda: LookupPermits(CONCURRENT_COUNTS))
    embeddings: LookupPermits = field(default_factory=lambda: LookupPermits(CONCURRENT_EMBEDDINGS, EMBEDDING_WAIT_S))
