"""Variables that were renamed. An old one stops the start: ignored, its limit would silently be the default."""

from collections.abc import Collection

from libs.core.errors import ConfigurationError

RENAMED = {
    "MOE_BUDGET_CHUNK_SECONDS": "MOE_BUDGET_LEASE_SECONDS",
    "MOE_BUDGET_CHUNK_TOKENS": "MOE_BUDGET_LEASE_TOKENS",
    "MOE_CALLS_AT_ONCE": "MOE_MAX_CONCURRENT_COMMANDS",
    "MOE_DEAD_LETTERS_IN_A_ROW": "MOE_MAX_CONSECUTIVE_DEAD_LETTERS",
    "MOE_DIRECT_SPOOL_BYTES": "MOE_OUTBOX_BYTES",
    "MOE_FETCH_PAUSE_MS": "MOE_KAFKA_FETCH_PAUSE_MS",
    "MOE_FETCH_WAIT_MS": "MOE_KAFKA_FETCH_WAIT_MS",
    "MOE_KEYS_STALE": "MOE_KEY_CACHE_MAX_STALENESS",
    "MOE_MAX_DIRECT": "MOE_MAX_DIRECT_IN_FLIGHT",
    "MOE_RETRY_PATIENCE": "MOE_RETRY_MAX_ELAPSED",
    "MOE_STRANGERS_IN_A_ROW": "MOE_MAX_CONSECUTIVE_UNSIGNED",
}


def refuse_renamed(present: Collection[str], read: Collection[str]) -> None:
    """Raise ConfigurationError for an old name in `present` whose successor is among the variables that are `read`."""
    for old, new in RENAMED.items():
        if old in present and new in read:
            raise ConfigurationError(f"{old} was renamed: set {new} instead")
