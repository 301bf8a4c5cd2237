"""Graphs, grids and chess positions."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.requests.reader import Reading, Request

_NODE = r"[^\W_]{1,16}"
_WEIGHT = r"(?: ?[:(=] ?\d+(?:\.\d+)?\)?| \d+(?:\.\d+)?(?= ?(?:[,;.?!:)]|and\b|und\b|$)))"
_EDGE = rf"{_NODE} ?(?:-+>?|\u2013|→|<->|↔) ?{_NODE}{_WEIGHT}?"
_LINK = r"(?: ?[,;] ?(?:and |und )?| (?:and|und) )"
_PAIR = r"\( ?[^\W_]{1,12} ?, ?[^\W_]{1,12} ?(?:, ?\d+(?:\.\d+)? ?)?\)"
_EDGES = rf"(?<![\w-])(?:{_EDGE}(?:{_LINK}{_EDGE}){{1,60}}(?![\w-])|{_PAIR}(?:{_LINK}{_PAIR}){{1,60}})"
_OF_A_LIST = re.compile(r",? (?:and|und) ")
_OF_HOPS = re.compile(r"\b(?:hops|stops|steps|changes|fewest|umstiegen?|stationen|schritten?|wenigste\w*|wenige?n?)\b")
_ONE_EDGE = re.compile(r"[^\W_]{1,2}-[^\W_]{1,2}")
_PLAIN_WEIGHT = re.compile(r"(?<=\w) (\d+(?:\.\d+)?)(?= ?(?:[,;]|$))")
_FROM_TO = re.compile(r" (?:to|and|nach|zu|und|bis|->|→) ")
_ROW = r"[pnbrqkPNBRQK1-8]{1,8}"
_FEN = rf"{_ROW}(?:/{_ROW}){{7}} [wb] [KQkqA-Ha-h-]{{1,4}} (?:-|[a-h][36])(?: \d{{1,4}} \d{{1,4}})?"


def _graph(reading: Reading) -> ToolCall | None:
    edges, path = reading.only("edges"), _FROM_TO.split(reading.only("path"), maxsplit=1)
    if not edges or len(reading.all("path")) > 1 or reading.has("other"):
        return None
    if any(_ONE_EDGE.fullmatch(word) and word not in edges.lower() for word in reading.words):
        return None  # an edge apart from the others
    if reading.has("path") != (len(path) == 2) or not (reading.has("path") or reading.has("fact")):
        return None
    has_arrows = re.search(r"[>→↔]", edges) is not None
    is_directed = re.search(r"\b(?:directed|gerichtet\w*|one-way|einbahn\w*)\b", reading.text.lower()) is not None
    if is_directed != has_arrows and (is_directed or "undirected" in reading.words):
        return None
    edges = _PLAIN_WEIGHT.sub(r":\1", _OF_A_LIST.sub(", ", edges))
    if ":" in edges and _OF_HOPS.search(reading.text.lower()):
        return None  # the weights do not count
    ends = {} if len(path) < 2 else {"source": path[0].split(" ")[-1], "target": path[1].split(" ")[-1]}
    return ToolCall("graph_analyze", {"edges_description": edges, **ends})


_QUOTED = re.compile(r"[\"„“`'](.*)[\"“”`']", re.DOTALL)
_ROWS = re.compile(r"[\w .#,|-]+(?:\n[\w .#,|-]+)+")


_DRAWS = words("draw print show display render as format zeichne zeig zeige stelle gib darstellen darstellung als look"
               " aussehen sieht ausgeben drucke male rendere")  # fmt: skip


def _drawn(reading: Reading) -> ToolCall | None:
    """The grid as rows of JSON, or as lines; and its title."""
    grids = [*reading.all("grid"), *(text for text in reading.all("lines") if _ROWS.fullmatch(text))]
    labels = reading.all("label")
    if len(grids) != 1 or len(grids) < len(reading.all("lines")) or len(labels) > 1 or not reading.has("grid"):
        return None
    if not labels and _DRAWS.isdisjoint(reading.words) and reading.pieces[0][0] != "k":
        return None
    quoted = _QUOTED.search(labels[0]) if labels else None
    label = quoted[1] if quoted else labels[0].split(" ")[-1] if labels else ""
    return ToolCall("grid_repr", {"data": grids[0], **({"label": label} if label else {})})


def _moves(reading: Reading) -> ToolCall | None:
    positions = [*reading.all("fen"), *(text for text in reading.all("quoted") if re.fullmatch(_FEN, text))]
    count = len(reading.all("fen")) + len(reading.all("quoted"))
    return (
        ToolCall("chess_legal_moves", {"fen": positions[0]}) if len(positions) == count == 1 and reading.keys else None
    )


REQUESTS = (
    Request(
        ("graph", "edge", "kante", "shortest", "kürzest", "günstigst", "cheapest",
         "route", "path", "euler", "connected", "component", "node",
         "bipart", "cycl", "kreis", "zusammenh", "weg ", "pfad", "tree", "baum", "zykl", "circular", "topolog", "grad",
         "degree", "knoten", "dependenc", "abhängigkeit", "azykl", "komponente", "fewest", "wenigste", "dijkstra"),
        {
            "edges": _EDGES,
            "path": rf"(?:(?i:from|between|von|zwischen) |(?<=[Pp]fad )|(?<=[Ww]eg )|(?<=[Pp]ath )|(?<=[Ww]ay )"
            rf"|(?<=[Rr]oute )"
            rf"|(?<=[Vv]erbindung )|(?<=[Dd]istance ))(?!the |dem |der |from |von |between |zwischen )(?:(?i:node"
            rf"|knoten) )?"
            rf"{_NODE} (?:(?i:to|and|nach|zu|und|bis)|->|→) (?:(?i:node|knoten) )?{_NODE}(?![\w-])",
        },
        {
            "other": r"over|über|avoid\w*|bypass\w*|umgeh\w*|meid\w*|vermeid\w*|through|thru"
            r"|plus|remov\w*|delet\w*|clos(?:ed|ing|es)|gesperrt\w*"
            r"|entfern(?:en|t|e)|visit\w*"
            r"|(?:and |und |hin und )(?:back|return|zurück)|then|dann|(?:and|und) (?:(?:weiter|on) )+(?:to|nach)"
            r"|(?:ignor\w+|without|ohne|regardless of) (?:the |die )?(?:weights?|gewichte?)"
            r"|sum|summe|(?:how many|number of|wie viele|anzahl(?: der)?) (?:cycles|paths|routes|kreise|zyklen|wege)"
            r"|stop(?:s|ping)? (?:at|in)"
            r"|(?:minim(?:um|al\w*) )?spann(?:ing tree|baum)|mst|diameter|durchmesser|colou?r(?:ing|able)?"
            r"|chromatic\w*"
            r"|färb\w*|planar\w*|hamilton\w*|max(?:imum|imal\w*)? (?:flow|fluss)|matching|cliques?|centrality"
            r"|zentralität"
            r"|bridges?|brücken?|articulation points?|adjacency (?:matrix|list)|adjazenz\w*|all (?:shortest )?paths"
            r"|alle"
            r" (?:kürzesten )?(?:wege|pfade)|longest \w+|längste\w* \w+|isomorph\w*|second shortest|zweitkürzeste\w*",
            "path": r"(?:shortest|quickest|fastest|cheapest) (?:path|route|way|connection|distance)"
            r"|(?:kürzeste|schnellste|billigste|günstigste)[rnms]? (?:weg|pfad|route|verbindung|strecke)|shortest"
            r"|(?:fewest|fewer) (?:stops|hops|edges|changes|steps)|(?:die )?wenigsten? (?:kanten|stationen"
            r"|schritten?|umstiegen?)"
            r"|möglichst wenige?n? (?:kanten|stationen|schritten?|umstiegen?)|dijkstra",
            "fact": r"(?:strongly |weakly )?connected(?: components?)?|components?|bipartite|cycles?"
            r"|a?cyclic(?:ity)?|tree"
            r"|dag|circular(?: dependenc(?:y|ies))?|euler(?:ian)?(?: (?:circuit|cycle|path|trail|tour))?"
            r"|euler(?:weg|kreis|pfad|zug|tour|sch\w*)|zusammenhängend|zusammenhangskomponenten?|komponenten|bipartit"
            r"|kreise?|kreisfrei|zyk(?:lus|len|elfrei|lisch)|azyklisch|baum|(?:in-?|out-?)?degrees?|analy[sz]e"
            r"|analysiere"
            r"|gradfolge|(?:knoten)?grade?n?|isolated|topologi(?:cal(?:ly)?|sch\w*) (?:sort(?:ed|ing)?"
            r"|order(?:ing)?|sortier\w*"
            r"|reihenfolge|ordnung)|(?:how many|number of|wie viele|anzahl(?: der)?) (?:nodes|edges|vertices|knoten"
            r"|kanten)",
        },
        _graph,
        words("directed undirected gerichtet gerichteten gerichtete gerichteter streets links verbindungen dependencies"
              " abhängigkeiten each every all aller alle jedes jeden vertex contain a in of from anywhere irgendwo got"
              " microservices services modules module calls imports prerequisites dependency zwischen path route"
              " way weg"
              " pfad connection verbindung distance entfernung edgelist kantenliste kantenmenge graph graphen"
              " graphs edges edge nodes node network roads weights weighted with has have"
            " connections kanten knoten"
              " netz straßen mit leads dieser hat undirected ungerichtet many contain contains following"
              " gewichte vertices"
              " given kante"),
        3,
        yes_or_no=True,
    ),
    Request(
        ("[[", "grid", "gitter", "raster", "board", "spielfeld"),
        {
            "label": rf"(?i:(?:with |mit )?(?:the |dem |der )?(?:label(?:led|ed)?(?: it| as| called)?|titled?|titel"
            rf"|caption"
            rf"|heading|überschrift|beschriftet mit|beschriftung|bezeichnung)):? (?:{MARK}|[\w-]{{1,30}}(?!\w))",
            "grid": r"\[ ?\[[^\[\]]*\](?: ?, ?\[[^\[\]]*\])* ?\]",
            "lines": MARK,
        },
        {"grid": r"(?:text |ascii[- ]?)?grid|gitter|raster|row and column numbers|spielfeld|text grid|board"
            r"|spielbrett|textraster|arc[- ](?:grid|task)"},
        _drawn,
        words("zeilennummern spaltennummern zeilen- spaltennummer zeilennummer numbered cells zellen matrix aussehen"
              " sieht darstellen darstellung draw print show display render as with row column numbers zeichne"
              " stelle gib dar zeilen spalten"
            " nummern text"
              " aus diagram coordinates"),
        3,
    ),
    Request(
        ("/",),
        {"fen": _FEN, "quoted": MARK},
        {"moves": r"(?:legal |possible )?(?:chess )?moves?|check ?mate[d]?|mate|stalemate[d]?|pattgesetzt"
                  r"|mattgesetzt|in check|züge?"
            r"|(?:schach)?matt|patt"
                  r"|im schach|legal|spielzüge|play|ziehen"},
        _moves,
        words("set up really wirklich tatsächlich game partie diagram legal possible allowed position fen chess"
            " here already black white side schon hier stellung weiß"
            " schwarz legal"
              " erlaubt möglich steht make to all turn am zug available"),
        4,
        yes_or_no=True,
    ),
)  # fmt: skip
