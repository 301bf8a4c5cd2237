"""Retention of content per tenant. Values below the floor are rejected: logs of six months are a legal duty."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from libs.core.errors import ConfigurationError

SIX_MONTHS_DAYS = 183
_BY_TENANT = TypeAdapter(dict[str, int])


@dataclass(frozen=True, slots=True)
class Retention:
    """Days for all tenants, and for those with a retention of their own."""

    days: int
    by_tenant: Mapping[str, int]

    def days_of(self, tenant: str) -> int:
        return self.by_tenant.get(tenant, self.days)


def read_retention(days: int, by_tenant: str, floor_days: int) -> Retention:
    """Parse the retention. `by_tenant` is a JSON object or empty. Raises ConfigurationError naming the variable."""
    try:
        own = _BY_TENANT.validate_json(by_tenant) if by_tenant else {}
    except ValidationError as error:
        raise ConfigurationError('MOE_RETENTION_BY_TENANT: not a JSON object such as {"acme": 365}') from error
    if days < floor_days:
        raise ConfigurationError(f"MOE_RETENTION_DAYS: {days} is below the floor of {floor_days} days")
    if short := sorted(tenant for tenant, own_days in own.items() if own_days < floor_days):
        raise ConfigurationError(f"MOE_RETENTION_BY_TENANT: {short[0]} is below the floor of {floor_days} days")
    return Retention(days, own)
