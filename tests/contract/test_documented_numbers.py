"""Numbers that the docs promise: each constant beside its literal value and the words of the docs that name it."""

from importlib import import_module

import pytest

from tests.contract.rules import ROOT

NUMBERS = (
    ("libs.runtime.process.http.request_bounds.HEAD_BYTES", 65_536, "architecture.md", "64 kB for a head"),
    ("libs.runtime.process.http.request_bounds.TARGET_BYTES", 16_384, "architecture.md", "16 kB for a target"),
    ("libs.runtime.process.http.request_bounds.FIELDS", 100, "architecture.md", "100 header fields and trailers"),
    (
        "libs.runtime.process.http.request_bounds.FRAMING_BYTES",
        16_384,
        "architecture.md",
        "trailers of 16 kB more than the body",
    ),
    (
        "libs.runtime.process.http.request_bounds.FREE_CHUNKS",
        1000,
        "architecture.md",
        "1,000 chunks of below 32 bytes on average",
    ),
    (
        "libs.runtime.process.http.request_bounds.MEAN_CHUNK_BYTES",
        32,
        "architecture.md",
        "1,000 chunks of below 32 bytes on average",
    ),
    ("libs.runtime.process.http.request_bounds.PIPELINED", 32, "architecture.md", "32 pipelined requests that wait"),
    (
        "libs.runtime.process.http.request_bounds.UNFINISHED_BYTES",
        4_194_304,
        "architecture.md",
        "4 MB for all unfinished heads",
    ),
    ("libs.runtime.process.http.request_bounds.LARGE_BYTES", 8192, "architecture.md", "unfinished heads above 8 kB"),
    ("libs.runtime.process.http.request_bounds.DISCARDED_BYTES", 75_497_472, "architecture.md", "up to 72 MB are read"),
    ("libs.runtime.process.http.request_bounds.REJECTION_DELAY_S", 0.01, "architecture.md", "after 10 ms"),
    ("libs.runtime.process.http.request_bounds.LONGEST_PAUSE_S", 2.0, "architecture.md", "at most 2 s. Trailers"),
    (
        "libs.runtime.process.http.request_bounds.DISCARD_PAUSE_S",
        0.02,
        "architecture.md",
        "a pause of 20 ms after each read",
    ),
    (
        "libs.runtime.kafka.commits.COMMIT_INTERVAL_S",
        0.2,
        "reliability.md",
        "one commit interval (0.2 s; 1 s for sinks)",
    ),
    (
        "libs.runtime.kafka.commits.RELAXED_INTERVAL_S",
        1.0,
        "reliability.md",
        "one commit interval (0.2 s; 1 s for sinks)",
    ),
    ("libs.runtime.kafka.bus.METADATA_MAX_AGE_MS", 30_000, "reliability.md", "consumed after 30 s at most"),
    ("libs.adapters.identity.postgres_directory.STALE_S", 60.0, "identity.md", "`MOE_KEY_CACHE_MAX_STALENESS` (60 s)"),
    ("libs.adapters.identity.oidc_admins.LEEWAY_S", 60.0, "identity.md", "are checked with 60 s of leeway"),
    ("libs.adapters.quota.rates.store.LEASE_S", 30.0, "budgets.md", "A stream holds a lease of 30 s"),
    ("libs.adapters.models.openai_chat.exchange.MAX_ANSWER_BYTES", 67_108_864, "direct.md", "a stream 64 MB"),
    ("libs.adapters.files.spool.spool.LINGER_S", 0.05, "direct.md", "published in batches from there, 50 ms later"),
    ("libs.contracts.template.MAX_TEMPLATE_BYTES", 64_000, "modes.md", "A template may take 64 kB"),
    ("libs.embedded.minilm.MAX_TOKENS", 256, "api.md", "texts cut after 256 tokens"),
)


@pytest.mark.parametrize(("name", "value", "page", "words"), NUMBERS, ids=[name for name, *_ in NUMBERS])
def test_a_number_is_the_one_that_the_docs_promise(name: str, value: float, page: str, words: str) -> None:
    module, _, constant = name.rpartition(".")
    assert getattr(import_module(module), constant) == value
    text = " ".join((ROOT / "docs" / page).read_text("utf-8").split())
    assert words in text
