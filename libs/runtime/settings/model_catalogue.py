"""Models by role: judge, planner, and the experts of each category in two size tiers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from libs.contracts.staffing import ModelRef
from libs.core.errors import ConfigurationError
from libs.runtime.settings.inference_servers import InferenceServer, parse_inference_servers

DEFAULT_TIER_BOUNDARY_B = 20.0
_SIZE = re.compile(r"(?<![\d.])(?:(\d+)x)?(\d+(?:\.\d+)?)([mbt])(?![a-z0-9])", re.IGNORECASE)
_BILLIONS = {"m": 0.001, "b": 1.0, "t": 1000.0}

TierRefs = tuple[tuple[ModelRef, ...], tuple[ModelRef, ...]]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Raw values of the variables that name models. An empty endpoint means the first server."""

    judge_model: str
    judge_endpoint: str = ""
    planner_model: str = ""
    planner_endpoint: str = ""
    expert_models: str = ""
    tier_boundary_b: float = DEFAULT_TIER_BOUNDARY_B


@dataclass(frozen=True, slots=True)
class ModelCatalogue:
    """The models of a fleet. `build_catalogue` builds it."""

    judge: ModelRef
    planner: ModelRef
    tiers: Mapping[str, TierRefs]
    small_servers: frozenset[str] = frozenset()

    def experts(self, category: str) -> TierRefs:
        """Models of tier 1 (at least one) and tier 2. A category without an entry uses the judge's model."""
        return self.tiers.get(category, ((self.judge,), ()))

    def is_small(self, ref: ModelRef) -> bool:
        """Small models can neither plan nor follow an output contract."""
        return ref.server in self.small_servers


class NamesModels(Protocol):
    """Settings that name models and their servers."""

    @property
    def inference_servers(self) -> str: ...
    @property
    def judge_model(self) -> str: ...
    @property
    def judge_endpoint(self) -> str: ...
    @property
    def planner_model(self) -> str: ...
    @property
    def planner_endpoint(self) -> str: ...
    @property
    def expert_models(self) -> str: ...
    @property
    def tier_boundary_b(self) -> float: ...


def read_catalogue(settings: NamesModels) -> ModelCatalogue:
    """Pure. Raises ConfigurationError, which names the variable at fault."""
    choice = ModelChoice(
        judge_model=settings.judge_model,
        judge_endpoint=settings.judge_endpoint,
        planner_model=settings.planner_model,
        planner_endpoint=settings.planner_endpoint,
        expert_models=settings.expert_models,
        tier_boundary_b=settings.tier_boundary_b,
    )
    return build_catalogue(parse_inference_servers(settings.inference_servers), choice)


def build_catalogue(servers: Sequence[InferenceServer], choice: ModelChoice) -> ModelCatalogue:
    """Raises ConfigurationError, which names the variable at fault."""
    if not servers:
        raise ConfigurationError("INFERENCE_SERVERS: names no server")
    if not choice.judge_model.strip():
        raise ConfigurationError("JUDGE_MODEL: is not set")
    names = tuple(server.name for server in servers)
    judge = _ref(choice.judge_model, _Place("JUDGE_ENDPOINT", choice.judge_endpoint, names))
    return ModelCatalogue(
        judge=judge,
        planner=_planner(judge, choice, names),
        tiers={
            category: split_by_tier(refs, choice.tier_boundary_b)
            for category, refs in parse_expert_models(choice.expert_models, names).items()
        },
        small_servers=frozenset(server.name for server in servers if server.small),
    )


def parse_expert_models(value: str, servers: Sequence[str]) -> dict[str, tuple[ModelRef, ...]]:
    """Parse `{"category": [{"model": …, "endpoint": …} | "model@endpoint" | "model"]}`. Raises ConfigurationError."""
    try:
        parsed: object = orjson.loads(value) if value.strip() else {}
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigurationError(f"EXPERT_MODELS: not valid JSON ({place})") from error
    if not isinstance(parsed, dict):
        raise ConfigurationError("EXPERT_MODELS: must be a JSON object of categories")
    return {category: refs for category, entry in parsed.items() if (refs := _refs(category, entry, servers))}


def split_by_tier(refs: Sequence[ModelRef], boundary_b: float) -> TierRefs:
    """Split into tier 1 and tier 2; each tier keeps the given order.

    Models of unknown size are tier 1. If all models are large, the first one is tier 1 and the others are tier 2.
    """
    large = tuple(ref for ref in refs if (parameters_b(ref.model) or 0.0) > boundary_b)
    small = tuple(ref for ref in refs if ref not in large)
    return (small, large) if small else (large[:1], large[1:])


def parameters_b(model: str) -> float | None:
    """Parameter count in the name of a model, in billions; experts of a mixture are summed. None without one."""
    sizes = [
        int(experts or 1) * float(count) * _BILLIONS[unit.lower()] for experts, count, unit in _SIZE.findall(model)
    ]
    return max(sizes, default=None)


@dataclass(frozen=True, slots=True)
class _Place:
    variable: str
    endpoint: str
    servers: Sequence[str]

    def server(self) -> str:
        name = self.endpoint.strip()
        if not name:
            return self.servers[0]
        if name not in self.servers:
            raise ConfigurationError(f"{self.variable}: no server in INFERENCE_SERVERS is named {name!r}")
        return name


def _ref(model: str, place: _Place) -> ModelRef:
    return ModelRef(model=model.strip(), server=place.server())


def _planner(judge: ModelRef, choice: ModelChoice, servers: Sequence[str]) -> ModelRef:
    if choice.planner_model.strip():
        return _ref(choice.planner_model, _Place("PLANNER_ENDPOINT", choice.planner_endpoint, servers))
    if choice.planner_endpoint.strip():
        return _ref(judge.model, _Place("PLANNER_ENDPOINT", choice.planner_endpoint, servers))
    return judge


def _refs(category: str, entry: object, servers: Sequence[str]) -> tuple[ModelRef, ...]:
    items = entry if isinstance(entry, list) else [entry]
    return tuple(dict.fromkeys(_expert(category, item, servers) for item in items))


def _expert(category: str, item: object, servers: Sequence[str]) -> ModelRef:
    model, endpoint = _named(item)
    if not model:
        raise ConfigurationError(f"EXPERT_MODELS: {category}: an entry names no model")
    return _ref(model, _Place(f"EXPERT_MODELS: {category}", endpoint, servers))


def _named(item: object) -> tuple[str, str]:
    if isinstance(item, str):
        model, at, endpoint = item.rpartition("@")
        return (model.strip(), endpoint) if at else (item.strip(), "")
    if not isinstance(item, dict):
        return "", ""
    fields = (item.get(name) for name in ("model", "endpoint"))
    name, server = (field.strip() if isinstance(field, str) else "" for field in fields)
    return name, server
