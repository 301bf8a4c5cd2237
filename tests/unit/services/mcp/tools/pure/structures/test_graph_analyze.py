"""`graph_analyze`: networkx's results for the same graphs, and walks that are verified step by step."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import networkx as nx
import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.structures.graph_analyze.models import GraphArguments, GraphResult
from services.mcp.tools.pure.structures.graph_analyze.tool import graph_analyze
from tests.support.mcp.exactness import Exactness


def run(text: str, source: str | None = None, target: str | None = None) -> GraphResult:
    return graph_analyze(GraphArguments(edges_description=text, source=source, target=target))


def made(
    rng: random.Random, *, directed: bool, weighted: bool = False, negative: bool = False
) -> tuple[str, nx.MultiGraph]:
    """A random graph as text and as networkx has it: loops, parallel edges and lonely nodes included."""
    peer = nx.MultiDiGraph() if directed else nx.MultiGraph()
    names = [f"N{number}" for number in range(rng.randrange(1, 9))]
    arrows, lines = ("->", " -> ", "\u2192", " ---> ", "=>"), ("-", " - ", "--", "\u2013", " \u2014 ")
    link = rng.choice(arrows if directed else lines)
    around = rng.choice((":{}", " : {}", " ({})", "[{}]", "={}"))
    items = []
    for _ in range(rng.randrange(1, 12)):
        start, end = rng.choice(names), rng.choice(names)
        weight = Decimal(rng.randrange(-3 if negative else 0, 40)) / rng.choice((1, 2, 4, 10))
        items.append(f"{start}{link}{end}" + (around.format(weight) if weighted else ""))
        peer.add_edge(start, end, weight=Fraction(weight) if weighted else Fraction(1))
    if rng.random() < 0.3:
        items.append("lonely")
        peer.add_node("lonely")
    return rng.choice((", ", ",", "; ", "\n")).join(items), peer


def graphs(exact: Exactness, seed: int, *, directed: bool) -> Iterator[tuple[str, nx.MultiGraph]]:
    rng = random.Random(seed)
    return (made(rng, directed=directed) for _ in exact.cases("graph_analyze", 500))


KINDS = pytest.mark.parametrize("directed", [False, True], ids=["undirected", "directed"])


@KINDS
def test_counts_degrees_and_parts_are_those_of_networkx(exact: Exactness, *, directed: bool) -> None:
    for text, peer in graphs(exact, 41, directed=directed):
        found = run(text)
        assert (found.nodes, found.edges) == (peer.number_of_nodes(), peer.number_of_edges())
        assert {one.node: one.degree for one in found.degrees} == dict(peer.degree())
        assert found.loops == nx.number_of_selfloops(peer)
        undirected = peer.to_undirected() if directed else peer
        parts = {frozenset(part) for part in nx.connected_components(undirected)}
        assert {frozenset(part) for part in found.components} == parts
        assert found.connected == (len(parts) == 1)
        simple = nx.DiGraph(peer) if directed else nx.Graph(peer)
        assert found.parallel_edges == peer.number_of_edges() - simple.number_of_edges()


def test_directed_degrees_strong_parts_and_orders_are_those_of_networkx(exact: Exactness) -> None:
    for text, peer in graphs(exact, 42, directed=True):
        found = run(text)
        assert {one.node: (one.in_degree, one.out_degree) for one in found.degrees} == {
            node: (peer.in_degree(node), peer.out_degree(node)) for node in peer
        }
        strong = {frozenset(part) for part in nx.strongly_connected_components(peer)}
        assert {frozenset(part) for part in found.strong_components or ()} == strong
        assert (found.topological_order is not None) == nx.is_directed_acyclic_graph(peer)
        order = {node: place for place, node in enumerate(found.topological_order or ())}
        assert all(order[a] < order[b] for a, b in peer.edges() if order)


@KINDS
def test_a_cycle_is_found_where_there_is_one_and_can_be_walked(exact: Exactness, *, directed: bool) -> None:
    for text, peer in graphs(exact, 43, directed=directed):
        found = run(text)
        cyclic = not (nx.is_directed_acyclic_graph(peer) if directed else nx.is_forest(peer))
        assert (found.cycle is not None) == cyclic
        if found.cycle:
            assert found.cycle[0] == found.cycle[-1]
            assert len(set(found.cycle)) == len(found.cycle) - 1
            assert not walked(found.cycle, peer)[1]
        assert found.tree == (not directed and nx.is_connected(peer.to_undirected()) and nx.is_forest(peer))


def walked(nodes: tuple[str, ...], peer: nx.MultiGraph) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Edges that a walk leaves over, and those that it takes though they are not there."""

    def key(a: str, b: str) -> tuple[str, str]:
        return (a, b) if peer.is_directed() else (min(a, b), max(a, b))

    there, taken = Counter(key(a, b) for a, b in peer.edges()), Counter(key(a, b) for a, b in pairwise(nodes))
    return there - taken, taken - there


@KINDS
def test_eulerian_walks_are_found_and_use_each_edge_once(exact: Exactness, *, directed: bool) -> None:
    walks = 0
    for text, peer in graphs(exact, 44, directed=directed):
        found = run(text).euler
        busy = peer.subgraph([node for node, degree in peer.degree() if degree])
        assert found.circuit == nx.is_eulerian(busy)
        assert found.path == nx.has_eulerian_path(busy)
        if found.walk:
            walks += 1
            assert walked(found.walk, peer) == (Counter(), Counter())
            assert found.circuit == (found.walk[0] == found.walk[-1])
    assert walks > 10


@KINDS
def test_two_sides_are_found_where_there_are_some(exact: Exactness, *, directed: bool) -> None:
    for text, peer in graphs(exact, 45, directed=directed):
        sides = run(text).bipartite
        assert (sides is not None) == nx.is_bipartite(peer)
        if sides:
            assert {*sides.first} | {*sides.second} == set(peer)
            assert all((a in sides.first) != (b in sides.first) for a, b in peer.edges())


@KINDS
def test_shortest_paths_are_as_short_as_those_of_networkx(exact: Exactness, *, directed: bool) -> None:
    rng = random.Random(46)
    for _ in exact.cases("graph_analyze", 500):
        text, peer = made(rng, directed=directed, weighted=True)
        source, target = rng.choice(list(peer)), rng.choice(list(peer))
        found = run(text, source, target).shortest_path
        assert found is not None
        assert (found.nodes is not None) == nx.has_path(peer, source, target)
        if found.nodes:
            assert Fraction(found.length or "") == nx.dijkstra_path_length(peer, source, target)
            assert not walked(found.nodes, peer)[1]


def test_negative_weights_are_right_or_refused(exact: Exactness) -> None:
    rng, outcomes = random.Random(47), Counter[str]()
    for _ in exact.cases("graph_analyze", 1_000):
        text, peer = made(rng, directed=True, weighted=True, negative=True)
        source, target = rng.choice(list(peer)), rng.choice(list(peer))
        try:
            expected = nx.single_source_bellman_ford_path_length(peer, source).get(target)
        except nx.NetworkXUnbounded:
            with pytest.raises(ToolError) as caught:
                run(text, source, target)
            assert caught.value.code == "domain_error"
            outcomes["refused"] += 1
            continue
        found = run(text, source, target).shortest_path
        assert found is not None
        assert (None if found.length is None else Fraction(found.length)) == expected
        outcomes["right"] += 1
    assert min(outcomes.values()) > 5


@pytest.mark.parametrize(
    ("text", "edges", "directed"),
    [
        ("A-B", [("A", "B")], False),
        ("A--B; B --- C", [("A", "B"), ("B", "C")], False),
        ("A->B->C", [("A", "B"), ("B", "C")], True),
        ("A <- B", [("B", "A")], True),
        ("A <-> B", [("A", "B"), ("B", "A")], True),
        ("A → B\nB → A", [("A", "B"), ("B", "A")], True),
        ("A \u2013 B, B\u2014C", [("A", "B"), ("B", "C")], False),
        ("(A,B), (B,C)", [("A", "B"), ("B", "C")], False),
        ("[(1, 2), (2, 3)]", [("1", "2"), ("2", "3")], False),
        ("{A,B};{B,C}", [("A", "B"), ("B", "C")], False),
        ("Node 1 - Node 2", [("Node 1", "Node 2")], False),
        ("new-york - los-angeles", [("new-york", "los-angeles")], False),
        ('"A"-"B"', [("A", "B")], False),
        (" A - B ,, \n B - C ", [("A", "B"), ("B", "C")], False),
    ],
)
def test_edges_may_be_written_as_people_do(text: str, edges: list[tuple[str, str]], *, directed: bool) -> None:
    found, plain = run(text), run(", ".join(f"{a} {'->' if directed else '-'} {b}" for a, b in edges))
    assert found == plain
    assert found.directed == directed


@pytest.mark.parametrize("text", ["A-B:2.5", "A-B (2.5)", "A-B=2.5", "A-B[2.5]", "A - B : 2.5", "(A,B,2.5)"])
def test_a_weight_may_be_written_as_people_do(text: str) -> None:
    path = run(text, "A", "B").shortest_path
    assert path is not None
    assert path.length == "2.5"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_argument"),
        (" ,;\n", "invalid_argument"),
        ("A->B, B-C", "ambiguous"),
        ("A-B-C:2", "ambiguous"),
        ("A-", "invalid_argument"),
        ("-B", "invalid_argument"),
        (f"{'A' * 61}-B", "invalid_argument"),
        (",".join(f"{n}-{n + 1}" for n in range(2001)), "limit_exceeded"),
        (",".join(str(n) for n in range(1001)), "limit_exceeded"),
        ("(A,B),(C)", "invalid_argument"),
        ("(A,B,x)", "invalid_argument"),
        ("A-B:2,5, B-C:1,5", "ambiguous"),
        ("A-B:2,5; B-C:1,5", "ambiguous"),
        ("A-B:.5", "invalid_argument"),
        ("A-B:1e3", "invalid_argument"),
        ("A-B:2 km", "invalid_argument"),
        ("A: B, C; B: D", "invalid_argument"),
        ("10:30 - 10:45", "invalid_argument"),
        ("A to B, B to C", "invalid_argument"),
        ("A B\nB C", "invalid_argument"),
        ("A->B 5, B->C 7", "ambiguous"),
        ("A-B:1/2", "invalid_argument"),
        ("A-B:\u22122", "invalid_argument"),
    ],
    ids=range(23),
)
def test_what_is_no_graph_is_refused(text: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("graph_analyze", {"edges_description": text})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "(a," + " " * 49_000, "-" * 50_000, "a:" * 25_000, "A" + " " * 49_000 + "-B"], ids=range(5)
)
def test_texts_that_are_made_to_be_slow_are_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(ToolError):
        run(text)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize(("source", "target"), [("A", None), (None, "A"), ("A", "Z"), ("Z", "A")])
def test_a_path_needs_two_nodes_that_are_there(source: str | None, target: str | None) -> None:
    with pytest.raises(ToolError) as caught:
        run("A-B", source, target)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("least", [0, -1])
def test_the_largest_graph_takes_little_time(least: int) -> None:
    edges = [f"{n}->{n + 1}:{n % 7}" for n in range(999)] + [f"{n}->{n + 2}:{n % 5 + 3}" for n in range(990)]
    started = time.process_time()
    found = run(f"{','.join(reversed(edges))},0->1:{least}", "0", "999")
    assert (found.nodes, found.edges) == (1000, 1990)
    assert time.process_time() - started < 20.0


def test_the_answer_tells_the_path_or_the_graph() -> None:
    args = {"edges_description": "A-B:1, B-C:1.5", "source": "A", "target": "C"}
    german = AnswerStyle(language="de")
    assert invoke("graph_analyze", args, german).answer == "Der kürzeste Weg: A, B, C (Länge 2.5)."
