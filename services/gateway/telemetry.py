"""The counters of the gateway. Labels are bounded: no tenant, no id."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

ADMITTED = Counter("moe_requests_admitted_total", "Requests that got a place before their body was read")
REFUSED = Counter("moe_requests_refused_total", "Requests that got no place", ["reason"])
RATE_LIMITED = Counter("moe_rate_limited_total", "Requests over a rate of their key", ["dimension"])
BUDGET_EXCEEDED = Counter("moe_budget_exceeded_total", "Requests over a budget", ["limit_type"])
ANSWERS_KNOWN = Counter("moe_answers_known_total", "Questions that met what was answered before", ["how"])
IN_FLIGHT = Gauge("moe_requests_in_flight", "Requests that are open")
LIMIT = Gauge("moe_requests_limit", "Requests that may be open at once, as far as is known now")
RESUMED = Gauge("moe_streams_resumed", "Clients that follow a response that they did not open here")
DIRECT = Counter("moe_direct_requests_total", "Requests that one model answered straight away", ["why", "outcome"])
DIRECT_IN_FLIGHT = Gauge("moe_direct_in_flight", "Direct requests that are open")
WAITING = Gauge("moe_requests_waiting", "Requests that wait for a permit before they are accepted", ["queue"])
WAIT_SECONDS = Histogram(
    "moe_request_wait_seconds",
    "Seconds that requests waited for a permit, those that got one at once not counted",
    ["queue"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300),
)
EXPECTED_WAIT = Gauge("moe_request_expected_wait_seconds", "Expected wait of the request that joined last", ["queue"])

# Finding a labelled counter costs several times what counting does.
answers_known = cache(ANSWERS_KNOWN.labels)
direct_requests = cache(DIRECT.labels)
