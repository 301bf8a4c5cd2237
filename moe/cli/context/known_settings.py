"""Names of settings: those that a class reads, and those reserved for planned parts."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from libs.runtime.settings import BusSettings, ProcessSettings, Settings
from libs.runtime.settings.renamed import RENAMED
from moe.cli.context.embedded_stores import EmbeddedSettings
from moe.registry import SERVICES, spec_of

OURS = "MOE_"
# Names that other systems have, for parts that the fleet does not have yet.
NOT_READ_YET = {
    "CACHE_HIT_THRESHOLD": "the semantic cache",
    "CHROMA_HOST": "the vector store",
    "CHROMA_PORT": "the vector store",
    "CLUSTER_HARDWARE": "node selection by hardware",
    "EXPERT_MIN_DATAPOINTS": "expert selection by performance",
    "EXPERT_MIN_SCORE": "expert selection by performance",
    "GRAPH_INGEST_ENDPOINT": "the knowledge graph",
    "GRAPH_INGEST_MODEL": "the knowledge graph",
    "MCP_URL": "external tool servers; ours is reached over the broker",
    "NEO4J_PASS": "the knowledge graph",
    "NEO4J_URI": "the knowledge graph",
    "NEO4J_USER": "the knowledge graph",
    "SOFT_CACHE_MAX_EXAMPLES": "the semantic cache",
    "SOFT_CACHE_THRESHOLD": "the semantic cache",
}


def classes() -> dict[str, type[Settings]]:
    """Every settings class, by the process that reads it."""
    services = {name: spec_of(name).settings for name in SERVICES}
    return {"every process": ProcessSettings, "every bus": BusSettings, **services, "moe up": EmbeddedSettings}


def without_effect(names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each variable that looks like a setting and that no class reads."""
    known = {str(field.validation_alias) for each in classes().values() for field in each.model_fields.values()}
    for name in sorted(set(names) - known):
        if name in NOT_READ_YET:
            yield f"{name} is not read yet: it waits for {NOT_READ_YET[name]}"
        elif name in RENAMED:
            yield f"{name} was renamed: set {RENAMED[name]} instead"
        elif name.startswith(OURS):
            near = get_close_matches(name, known, n=1)
            yield f"{name} is not read by anything{f'; is {near[0]} meant?' if near else ''}"
