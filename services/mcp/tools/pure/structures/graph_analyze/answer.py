"""The facts of a graph as one sentence."""

from services.mcp.contract import AnswerStyle, Bilingual
from services.mcp.tools.pure.structures.graph_analyze.models import GraphResult, Path


def phrase(result: GraphResult, style: AnswerStyle) -> str:
    """The shortest path if requested, else the kind of the graph."""
    german = style.language == "de"
    if result.shortest_path is not None:
        return _phrase_path(result.shortest_path, german=german)
    yes = Bilingual(en="yes", de="ja").text(style.language)
    no = Bilingual(en="no", de="nein").text(style.language)
    euler = ("Kreis" if german else "circuit") if result.euler.circuit else yes if result.euler.path else no
    cyclic, bipartite = (yes if result.cycle else no), (yes if result.bipartite else no)
    if german:
        kind = "Gerichteter" if result.directed else "Ungerichteter"
        return (
            f"{kind} Graph: {result.nodes} Knoten, {result.edges} Kanten, {len(result.components)} Komponente(n), "
            f"Zyklus: {cyclic}, Eulerweg: {euler}, bipartit: {bipartite}."
        )
    kind = "Directed" if result.directed else "Undirected"
    return (
        f"{kind} graph: {result.nodes} nodes, {result.edges} edges, {len(result.components)} component(s), "
        f"cycle: {cyclic}, Eulerian path: {euler}, bipartite: {bipartite}."
    )


def _phrase_path(path: Path, *, german: bool) -> str:
    if path.nodes is None:
        if german:
            return f"Von {path.source} nach {path.target} führt kein Weg."
        return f"There is no path from {path.source} to {path.target}."
    subject = "Der kürzeste Weg" if german else "The shortest path"
    length = "Länge" if german else "length"
    return f"{subject}: {', '.join(path.nodes)} ({length} {path.length})."
