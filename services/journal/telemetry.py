"""What the journal counts besides what every service does."""

from prometheus_client import Counter

RESTORED = Counter("moe_requests_restored", "Requests restored after a lost log, by outcome", ["outcome"])
