"""Which brokers need requests to be written ahead."""

from pathlib import Path

import pytest

from libs.adapters.write_ahead.postgres import PostgresWriteAhead
from libs.ports.no_write_ahead import NoWriteAhead
from libs.testing.keys import SIGNING_KEY, roots_beside
from services.gateway.assembly.stores import write_ahead_of
from services.gateway.settings import Settings
from tests.support.fleet import Stores


@pytest.mark.parametrize(
    ("given", "store"),
    [
        ({}, NoWriteAhead),
        ({"MOE_LOG_INCARNATION": "log-1"}, PostgresWriteAhead),
        ({"MOE_LOG_INCARNATION": "log-1", "MOE_LOG_DURABLE": "true"}, NoWriteAhead),
    ],
)
def test_requests_are_written_ahead_where_the_log_ends_with_its_broker(
    given: dict[str, str], store: type, tmp_path: Path
) -> None:
    extra = {"POSTGRES_CHECKPOINT_URL": "postgresql://127.0.0.1:1/moe", **roots_beside(SIGNING_KEY), **given}
    settings = Settings.read(Stores("http://127.0.0.1:1/v1", "redis://127.0.0.1:1", tmp_path, extra).variables)
    assert isinstance(write_ahead_of(settings).store, store)
