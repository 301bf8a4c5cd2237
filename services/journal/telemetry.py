"""Metrics of the journal, in addition to those of every service."""

from prometheus_client import Counter

RESTORED = Counter("moe_requests_restored", "Requests restored after a lost log, by outcome", ["outcome"])
