"""Model prices, pure: normalized names and the price of a model."""

import re
from collections.abc import Iterable, Mapping
from typing import Self

# Parts that Ollama adds to a name: host, namespace and tag.
_SPELLED = re.compile(
    r"(?:https?://)?(?:registry\.ollama\.ai/)?(?:library/)?(?P<model>.+?)(?::latest)?(?P<node>@[^@]*)"
)


def price_name(model: str) -> str:
    """The normalized name of a model in the price list.

    Servers accept several spellings of one model: `LLaMA3@n1`, `llama3:latest@n1` and `library/llama3@n1` are
    `llama3@n1`.
    """
    folded = model.casefold()
    spelled = _SPELLED.fullmatch(folded) if "@" in folded else None
    return f"{spelled['model']}{spelled['node']}" if spelled is not None else folded


class PriceList:
    """Cost factors of all tenants. A name that ends in `*` prices all models with that prefix."""

    def __init__(self, factors: Mapping[tuple[str, str], float], starts: Mapping[str, list[tuple[str, float]]]) -> None:
        self._factors = factors
        self._starts = starts

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, float]]) -> Self:
        """Rows of tenant, name (as `price_name` writes it) and factor."""
        factors: dict[tuple[str, str], float] = {}
        starts: dict[str, list[tuple[str, float]]] = {}
        for tenant, name, factor in sorted(rows, key=lambda row: -len(row[1])):
            factors[tenant, name] = factor
            if name.endswith("*"):
                starts.setdefault(tenant, []).append((name[:-1], factor))
        return cls(factors, starts)

    def factor(self, tenant: str, model: str) -> float:
        """Cost of one token: by the model's own name, else by the longest prefix, else 1."""
        if not self._factors:
            return 1.0
        name = price_name(model)
        if (own := self._factors.get((tenant, name))) is not None:
            return own
        return next((factor for start, factor in self._starts.get(tenant, ()) if name.startswith(start)), 1.0)
