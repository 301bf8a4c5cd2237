"""Metrics of the gateway. Labels are bounded: no tenant, no id."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

ADMITTED = Counter("moe_requests_admitted_total", "Requests admitted before their body was read")
REFUSED = Counter("moe_requests_refused_total", "Requests not admitted", ["reason"])
RATE_LIMITED = Counter("moe_rate_limited_total", "Requests rejected by a rate limit of their key", ["dimension"])
BUDGET_EXCEEDED = Counter("moe_budget_exceeded_total", "Requests over a budget", ["limit_type"])
ANSWER_CACHE = Counter("moe_answer_cache_total", "Answer cache lookups by result", ["status"])
IN_FLIGHT = Gauge("moe_requests_in_flight", "Requests that are open")
CONCURRENCY_LIMIT = Gauge("moe_concurrency_limit", "Current limit of open requests")
FOLLOWERS = Gauge("moe_stream_followers", "Clients that follow a response opened by another request")
DIRECT = Counter("moe_direct_requests_total", "Direct requests", ["reason", "outcome"])
DIRECT_IN_FLIGHT = Gauge("moe_direct_in_flight", "Direct requests that are open")
WAITING = Gauge("moe_requests_waiting", "Requests that wait for a permit before they are accepted", ["queue"])
WAIT_SECONDS = Histogram(
    "moe_request_wait_seconds",
    "Wait for a permit (s), only of requests that had to wait",
    ["queue"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300),
)
EXPECTED_WAIT = Gauge("moe_request_expected_wait_seconds", "Expected wait of the request that joined last", ["queue"])

# A label look-up costs several times as much as the increment.
answer_cache_lookups = cache(ANSWER_CACHE.labels)
direct_requests = cache(DIRECT.labels)
