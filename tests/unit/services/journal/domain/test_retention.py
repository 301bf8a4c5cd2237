"""Retention of content: never shorter than the floor, and longer for configured tenants."""

import pytest

from libs.core.errors import ConfigurationError
from services.journal.domain.retention import SIX_MONTHS_DAYS, read_retention


def test_a_tenant_has_its_own_time_or_everybody_s() -> None:
    retention = read_retention(200, '{"acme": 365}', SIX_MONTHS_DAYS)
    assert (retention.days_of("acme"), retention.days_of("zeta")) == (365, 200)


@pytest.mark.parametrize(
    ("days", "by_tenant", "floor", "fault"),
    [
        (182, "", SIX_MONTHS_DAYS, "MOE_RETENTION_DAYS: 182 is below the floor of 183 days"),
        (183, '{"acme": 90, "b": 400}', SIX_MONTHS_DAYS, "MOE_RETENTION_BY_TENANT: acme is below"),
        (183, "[1]", SIX_MONTHS_DAYS, "MOE_RETENTION_BY_TENANT: not a JSON object"),
        (183, "{", 0, "MOE_RETENTION_BY_TENANT: not a JSON object"),
    ],
)
def test_a_time_that_is_too_short_or_none_is_named(days: int, by_tenant: str, floor: int, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{fault}"):
        read_retention(days, by_tenant, floor)


def test_a_lower_floor_allows_a_shorter_time() -> None:
    assert read_retention(30, "", 30).days_of("acme") == 30
