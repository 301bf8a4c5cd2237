"""Who may log in with an OpenID issuer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdminRules:
    """`group` is who may come in among those whom the issuer knows; they act in `tenant`."""

    issuer: str
    audience: str
    group: str
    tenant: str
