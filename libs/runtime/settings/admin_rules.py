"""Rules for admins of an OpenID issuer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdminRules:
    """Members of `group` at the issuer are admins; they act in `tenant`."""

    issuer: str
    audience: str
    group: str
    tenant: str
