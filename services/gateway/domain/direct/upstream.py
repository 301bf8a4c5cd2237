"""What a direct request may tell one model server, and what its client may learn from it."""

from dataclasses import dataclass, field

from libs.core.cache_salt import cache_salt
from services.gateway.domain.body.chat_parameters import DOCUMENTED, ApiType

MOST_ANSWER_TOKENS = 131_072
DEFAULT_ANSWER_TOKENS = 32_768


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model server. `passed` are fields that its operator lets clients set besides the documented ones; `permitted`
    are both.

    An answer has `most_tokens` at most, `default_tokens` where its client does not say. `salt_key` derives the salt of
    each tenant, empty for a server that knows none; `single_tenant`: it caches prompts of one tenant alone.
    """

    api_type: ApiType = "openai"
    passed: frozenset[str] = frozenset()
    most_tokens: int = MOST_ANSWER_TOKENS
    default_tokens: int = DEFAULT_ANSWER_TOKENS
    single_tenant: bool = False
    salt_key: str = field(default="", repr=False)
    permitted: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "permitted", DOCUMENTED[self.api_type] | self.passed)

    @property
    def shows_cache(self) -> bool:
        """Return whether clients may see how much of their prompt was cached: it never was another tenant's."""
        return self.single_tenant or bool(self.salt_key)

    def salt_of(self, tenant: str) -> str:
        """Return the salt of a tenant, empty for a server that knows none."""
        return cache_salt(self.salt_key, tenant) if self.salt_key else ""
