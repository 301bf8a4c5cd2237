"""The policy of one model server: fields that clients may set, limits, and cache visibility."""

from dataclasses import dataclass, field

from libs.core.cache_salt import cache_salt
from services.gateway.domain.body.chat_parameters import DOCUMENTED, ApiType

MOST_ANSWER_TOKENS = 131_072
DEFAULT_ANSWER_TOKENS = 32_768


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model server. `passed` are fields that its operator permits besides the documented ones; `permitted` are
    both.

    An answer has at most `most_tokens`, and `default_tokens` where its client sets no limit. `salt_key` derives the
    cache salt of each tenant, empty for a server without salts; `single_tenant`: the server caches prompts of one
    tenant only.
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
        """True when clients may see how much of their prompt was cached: the cache is never another tenant's."""
        return self.single_tenant or bool(self.salt_key)

    def salt_of(self, tenant: str) -> str:
        """Empty for a server without salts."""
        return cache_salt(self.salt_key, tenant) if self.salt_key else ""
