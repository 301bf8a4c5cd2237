"""Parses templates and profiles: errors name the field, warnings name unsupported settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, get_args

import orjson
from pydantic import ValidationError

from libs.contracts.finding import Category
from libs.contracts.message import Value
from libs.contracts.profile import Profile
from libs.contracts.template import MAX_ALWAYS, MAX_TEMPLATE_BYTES, ExpertTemplate, TemplateExpert, TemplateModel
from libs.contracts.tool import TOOL_NAMES
from libs.core.errors import Rejected

D = TypeVar("D", bound=Value)
Fields = Mapping[str, object]
_CATEGORIES: tuple[str, ...] = get_args(Category)
# Categories and fields of other systems whose templates are imported; this system has no use for them.
_CATEGORIES_TO_COME = frozenset(
    {"research", "memory_recall", "agentic_coder", "frontend_designer", "tool_agent", "precision_tools", "dynamic"}
)
_TEMPLATE_FIELDS_TO_COME = frozenset(
    {
        *("enable_graphrag", "enable_web_research", "enable_habe", "search_fallback_ddg", "graphrag_max_chars"),
        *("max_agentic_rounds", "enable_mission_context", "enable_semantic_memory"),
        *("semantic_memory_n_results", "semantic_memory_ttl_hours", "enable_cross_session_memory"),
        *("cross_session_scopes", "cross_session_ttl_days", "agent_cache", "agent_graphrag", "agent_ingest"),
        *("deliberation_policy", "complexity_level", "causal_intervention", "guardrail_model", "guardrail_prompt"),
        "guardrail_context_window",
    }
)
_PROFILE_FIELDS_TO_COME = frozenset({"long_memory", "agent_cache", "agent_graphrag", "agent_ingest"})
_EXPERT_FIELDS_TO_COME = frozenset({"skills", "name", "description"})
_STORED = frozenset({"version", "updated_at", "updated_by"})  # additional fields of an export
RESERVED_PREFIX = "moe-orchestrator"


class UnfitDocument(Rejected):
    """An unusable template or profile; the message names the field."""

    code = "unfit_document"


@dataclass(frozen=True, slots=True)
class Read(Generic[D]):
    """A document, and one warning for each unsupported setting."""

    document: D
    warnings: tuple[str, ...] = ()


def read_template(value: object) -> Read[ExpertTemplate]:
    """Read a template from parsed JSON. Raises UnfitDocument naming the field."""
    fields = _object(value, "template")
    _no_others(fields, ExpertTemplate, _TEMPLATE_FIELDS_TO_COME | _STORED, "")
    experts = _object(fields.get("experts", {}), "experts")
    known = {name: expert for name, expert in experts.items() if name not in _CATEGORIES_TO_COME}
    for name, expert in known.items():
        _check_expert(name, expert)
    template = _validated(ExpertTemplate, {**fields, "experts": known})
    if template.id.startswith(RESERVED_PREFIX) or template.name.startswith(RESERVED_PREFIX):
        raise UnfitDocument(f"{template.id}: id and name must not begin with {RESERVED_PREFIX}: modes are called so")
    _check_ensembles(template)
    if (size := len(template.model_dump_json().encode())) > MAX_TEMPLATE_BYTES:
        raise UnfitDocument(f"{template.id}: {size} bytes, the limit is {MAX_TEMPLATE_BYTES}")
    absent = [f"experts.{name}: there is no such expert yet, it is left out" for name in experts if name not in known]
    warnings = (*_in_vain(fields, _TEMPLATE_FIELDS_TO_COME), *absent, *_tools(template), *_blind(template))
    return Read(template, tuple(f"{template.id}: {warning}" for warning in warnings))


def read_profile(value: object) -> Read[Profile]:
    """Read a profile from parsed JSON. Raises UnfitDocument naming the field."""
    fields = _object(value, "profile")
    _no_others(fields, Profile, _PROFILE_FIELDS_TO_COME | _STORED, "")
    profile = _validated(Profile, fields)
    if "@" in profile.tool_model and profile.tool_endpoint:
        raise UnfitDocument(f"{profile.id}: tool_endpoint: tool_model names a server already")
    warnings = _in_vain(fields, _PROFILE_FIELDS_TO_COME)
    return Read(profile, tuple(f"{profile.id}: {warning}" for warning in warnings))


def parsed_profiles(text: str) -> tuple[Profile, ...]:
    """The profiles of a JSON array, none for an empty text. Raises UnfitDocument naming the field."""
    try:
        entries: object = orjson.loads(text) if text.strip() else []
    except orjson.JSONDecodeError as error:
        raise UnfitDocument(f"not valid JSON (line {error.lineno})") from error
    if not isinstance(entries, list):
        raise UnfitDocument("must be a JSON array of objects")
    return tuple(read_profile(entry).document for entry in entries)


def _check_expert(name: str, expert: object) -> None:
    if name not in _CATEGORIES:
        raise UnfitDocument(f"experts.{name}: no such category; there are: {', '.join(_CATEGORIES)}")
    place = f"experts.{name}."
    fields = _object(expert, place[:-1])
    _no_others(fields, TemplateExpert, _EXPERT_FIELDS_TO_COME, place)
    models = fields.get("models") or []
    for position, model in enumerate(models if isinstance(models, list) else ()):
        where = f"{place}models[{position}]"
        _no_others(_object(model, where), TemplateModel, frozenset(), f"{where}.")


def _check_ensembles(template: ExpertTemplate) -> None:
    for name, expert in template.experts.items():
        if (count := sum(model.role == "always" for model in expert.models)) > MAX_ALWAYS:
            place = f"{template.id}: experts.{name}.models"
            raise UnfitDocument(f"{place}: {count} models have the role always, the limit is {MAX_ALWAYS}")


def _tools(template: ExpertTemplate) -> Iterator[str]:
    for name, expert in template.experts.items():
        if unknown := [tool for tool in expert.mcp_tools if tool not in TOOL_NAMES]:
            yield f"experts.{name}.mcp_tools: not there yet, left out: {', '.join(unknown)}"


def _blind(template: ExpertTemplate) -> Iterator[str]:
    if (seeing := template.experts.get("vision")) and len(seeing.models) > 1:
        yield "experts.vision.models: images go to one model, the others are not asked"


def _in_vain(fields: Fields, to_come: frozenset[str]) -> Iterator[str]:
    """A disabled switch causes no warning."""
    return (f"{name}: nothing here honours it yet" for name in sorted(to_come & fields.keys()) if fields[name])


def _object(value: object, what: str) -> Fields:
    if not isinstance(value, dict):
        raise UnfitDocument(f"{what}: must be a JSON object")
    return value


def _no_others(fields: Fields, kind: type[Value], besides: frozenset[str], place: str) -> None:
    """Rejects unknown fields: they are typos."""
    if unknown := sorted(fields.keys() - kind.model_fields.keys() - besides):
        raise UnfitDocument(f"{_id_of(fields)}{place}{unknown[0]}: no such field")


def _validated(kind: type[D], fields: Fields) -> D:
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise UnfitDocument(f"{_id_of(fields)}{_path(first['loc'])}: {first['msg']}") from error


def _id_of(fields: Fields) -> str:
    name = fields.get("id")
    return f"{name}: " if isinstance(name, str) and name else ""


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path
