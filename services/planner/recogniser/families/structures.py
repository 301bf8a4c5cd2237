"""Questions about a graph that is written as edges, and about a chess position."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, quoted, rules

_EDGE = r"[a-z0-9]{1,12}-[a-z0-9]{1,12}"
_EDGES = rf"(?P<edges>{_EDGE}(?:, ?{_EDGE}){{1,60}})"
_SOURCE, _TARGET = r"(?P<source>[a-z0-9]{1,12})", r"(?P<target>[a-z0-9]{1,12})"
_GRAPH_EN = rf"(?:the |this )?graph (?:with (?:the )?edges )?{_EDGES}"
_GRAPH_DE = rf"(?:der|den) graphe?n? (?:mit den kanten )?{_EDGES}"
_WALK_EN = r"(?:an? )?euler(?:ian)? (?:circuit|cycle|path|trail|tour)"
_WALK_DE = r"(?:einen )?euler(?:kreis|weg|pfad|zug|tour|scher? kreis)"
_ROW = r"[pnbrqk1-8]{1,8}"
_POSITION = rf"{_ROW}(?:/{_ROW}){{7}} [wb] [kqa-h-]{{1,4}} (?:-|[a-h][36])(?: \d{{1,4}} \d{{1,4}})?"
_FEN = rf"(?:{quoted('literal')}|(?P<fen>{_POSITION}))"
_IN_EN = rf"(?:in|for|of|from) (?:the )?(?:position |fen )?{_FEN}"
_IN_DE = rf"(?:in|für|bei|aus) (?:der |die )?(?:stellung |fen )?{_FEN}"
_MOVES_EN = r"legal (?:chess )?moves"


def _graph(found: Found) -> ToolCall:
    return ToolCall("graph_analyze", {"edges_description": found.written("edges")})


def _path(found: Found) -> ToolCall:
    ends: dict[str, JsonValue] = {"source": found.written("source"), "target": found.written("target")}
    return ToolCall("graph_analyze", {"edges_description": found.written("edges"), **ends})


def _moves(found: Found) -> ToolCall | None:
    fen = found.written("literal" if found["literal"] else "fen")
    return ToolCall("chess_legal_moves", {"fen": fen}) if re.fullmatch(_POSITION, fen.lower()) else None


_RULES = (
    *rules(
        "en",
        _graph,
        rf"does {_GRAPH_EN} (?:have|contain) {_WALK_EN}",
        rf"is {_GRAPH_EN} (?:connected|bipartite|a tree|eulerian)",
        rf"analy[sz]e {_GRAPH_EN}",
    ),
    *rules(
        "en",
        _path,
        rf"{LEAD_EN}shortest (?:path|route|way) (?:from|between) (?:node )?{_SOURCE} (?:to|and) (?:node"
        rf" )?{_TARGET} (?:in|of|on|for) {_GRAPH_EN}",
        rf"(?:in|for|given) {_GRAPH_EN},? {LEAD_EN}shortest (?:path|route|way) (?:from|between) {_SOURCE} (?:to"
        rf"|and) {_TARGET}",
    ),
    *rules(
        "de",
        _path,
        rf"{LEAD_DE}kürzesten? weg (?:von|zwischen) (?:knoten )?{_SOURCE} (?:nach|zu|und) (?:knoten )?{_TARGET}"
        rf" (?:in|im|für) {_GRAPH_DE.replace('(?:der|den)', '(?:der |den |dem )?').replace(')? graphe', ')?graphe')}",
    ),
    *rules(
        "en",
        _graph,
        rf"inspect {_GRAPH_EN}",
    ),
    *rules(
        "de",
        _graph,
        rf"hat {_GRAPH_DE} {_WALK_DE}",
        rf"ist {_GRAPH_DE} (?:zusammenhängend|bipartit|ein baum|eulersch)",
        rf"analysiere {_GRAPH_DE}",
    ),
    *rules("en", _moves, rf"{LEAD_EN}{_MOVES_EN} {_IN_EN}", rf"how many {_MOVES_EN} are there {_IN_EN}"),
    *rules(
        "de",
        _moves,
        rf"welche züge sind {_IN_DE} legal",
        rf"(?:welche |wie ?viele |nenne die |was sind die |die )?legalen? züge(?: gibt es| sind)? {_IN_DE}",
    ),
)
STRUCTURES = Family(("graph", "legal", "züge", "moves"), _RULES)
