"""Networks, addresses, graphs, grids and chess positions."""

import re
from ipaddress import ip_address, ip_network

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.subnets import focus_of

_CIDR = r"(?<![\w.:/])(?:\d{1,3}(?:\.\d{1,3}){3}|(?i:[0-9a-f:]{2,40}(?=/)))/\d{1,3}(?![\w/])"
_IP = r"(?<![\w.:/])(?:\d{1,3}(?:\.\d{1,3}){3}|(?i:[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}))(?![\w/]|\.\d)"
_EDGE = r"[A-Za-z0-9]{1,12} ?(?:-+>?|\u2013|→) ?[A-Za-z0-9]{1,12}(?: ?[:(=] ?\d+(?:\.\d+)?\)?)?"
_EDGES = rf"(?<![\w-]){_EDGE}(?:[,;] ?{_EDGE}){{1,60}}(?![\w-])"
_ROW = r"[pnbrqkPNBRQK1-8]{1,8}"
_FEN = rf"{_ROW}(?:/{_ROW}){{7}} [wb] [KQkqA-Ha-h-]{{1,4}} (?:-|[a-h][36])(?: \d{{1,4}} \d{{1,4}})?"
_NETWORK = words("network subnet net netz netzwerk subnetz lan vlan ip address adresse addresses range cidr")


def _subnet(reading: Reading) -> ToolCall | None:
    cidr = reading.only("cidr")
    named = {text for kind, text in reading.pieces if kind == "k"}
    is_list = named & {"hosts", "host", "addresses", "adressen"} and len(named) == 1
    if len(named) > 1:
        named -= {"netz", "netzwerk", "network"}  # the thing, not the fact
    has_host = any("host" in text or "adress" in text or "address" in text for text in named)
    if any(re.fullmatch(r"(?:first|last|erste|letzte).*", text) for text in named) and not has_host:
        return None
    if not named or is_list or named <= {"usable", "hosts", "usable hosts"}:
        return None
    if "my" in reading.words or not _is_network(cidr):
        return None
    unclear = any(kind == "u" for kind, _ in reading.pieces) or not {"what", "which"} & set(reading.words)
    if named == {"network"} and unclear:
        return None
    return ToolCall("subnet_calc", {"cidr": cidr}, focus_of(named.pop()) if len(named) == 1 else None)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _planned(reading: Reading) -> ToolCall | None:
    """Needs with a name and a number each, or numbers alone."""
    named = [re.findall(r"[^\W\d_][\w-]*|\d+", text) for text in reading.all("need")]
    plain = [int(text) for text in reading.all("size")]
    if not reading.has("plan") or not _is_network(reading.only("cidr")) or bool(named) == bool(plain):
        return None
    needs: list[JsonValue] = [
        {"name": next(part for part in parts if not part.isdigit() and part.lower() not in _HOSTS),
         "hosts": int(next(part for part in parts if part.isdigit()))}
        for parts in named
        if any(not part.isdigit() and part.lower() not in _HOSTS for part in parts)
    ] or [{"name": f"subnet {place}", "hosts": size} for place, size in enumerate(plain, start=1)]  # fmt: skip
    if plain and any(kind in "ut" for kind, _ in reading.pieces):
        return None  # names that no pattern reads
    enough = len(needs) == max(len(named), len(plain)) and len(needs) > 1
    return ToolCall("vlsm_plan", {"network": reading.only("cidr"), "needs": needs}) if enough else None


_HOSTS = frozenset({"hosts", "host", "for", "für", "devices", "rechner", "geräte", "machines", "clients", "adressen"})


def _address(reading: Reading) -> ToolCall | None:
    try:
        ip_address(reading.only("ip"))
    except ValueError:
        return None
    is_wanted = {"need", "give", "get", "assign", "want", "brauche", "gib"} & set(reading.words) and not reading.has(
        "form"
    )
    return ToolCall("ip_facts", {"address": reading.only("ip")}) if reading.keys and not is_wanted else None


def _graph(reading: Reading) -> ToolCall | None:
    edges, path = reading.only("edges"), re.split(r" (?:to|and|nach|zu|und|bis) ", reading.only("path"), maxsplit=1)
    if not edges or len(reading.all("path")) > 1 or not reading.keys:
        return None
    if reading.has("path") != (len(path) == 2):
        return None
    ends = {} if len(path) < 2 else {"source": path[0].split(" ")[-1], "target": path[1].split(" ")[-1]}
    return ToolCall("graph_analyze", {"edges_description": edges, **ends})


def _drawn(reading: Reading) -> ToolCall | None:
    grid, label = reading.only("grid"), reading.only("label").split(" ")[-1]
    if not grid or not reading.has("grid"):
        return None
    return ToolCall("grid_repr", {"data": grid, **({"label": label} if label else {})})


def _moves(reading: Reading) -> ToolCall | None:
    positions = [*reading.all("fen"), *(text for text in reading.all("quoted") if re.fullmatch(_FEN, text))]
    count = len(reading.all("fen")) + len(reading.all("quoted"))
    return (
        ToolCall("chess_legal_moves", {"fen": positions[0]}) if len(positions) == count == 1 and reading.keys else None
    )


_NEED = (
    r"(?:\d{1,7}(?: (?:hosts?|devices|rechner|geräte|clients))? ?(?:\((?:[^\W\d_][\w-]{0,20})\)"
    r"|for [^\W\d_]\w{0,20}|für [^\W\d_]\w{0,20})"
)
REQUESTS = (
    Request(
        ("/",),
        {"cidr": _CIDR},
        {
            "fact": r"(?:network|netz(?:werk)?|broadcast|first|last|erste[rn]?|letzte[rn]?|usable"
                r"|host)(?:-?(?:address(?:es)?|adressen?|ip"
            r"|hosts?|range))?|(?:subnet ?|net ?|network |(?:sub)?netz(?:werk)?)mas(?:k|ke)s?"
            r"|wildcard(?:[- ]mas(?:k|ke))?"
            r"|host range|how many (?:usable )?(?:hosts|addresses|ips)|hosts?|address range|adressbereich|subnetzmaske"
            r"|usable hosts|wie ?viele (?:nutzbare |verwendbare )?(?:hosts|adressen|rechner)|hostbereich"
            r"|which network",
        },
        _subnet,
        _NETWORK | words("belong belongs usable fit first last nutzbarer nutzbaren nutzbare hosts address host"
                         " gehört size gateway"
            " devices"),
        3,
    ),
    Request(
        ("/",),
        {
            "cidr": _CIDR,
            "need": _NEED + r"|(?<![\w.])(?!(?i:for|für|and|und|with|mit|of|into|need|in|auf|"
                r"|groups) )[^\W\d_][\w-]{1,20}(?: ?[:=]? ?\(?| needs | braucht )\d{1,7}(?: hosts?)?\)?)(?![\w./])",
            "size": r"(?<![\w./])\d{1,7}(?![\w./])",
        },
        {
            "plan": r"vlsm(?:[- ]?plan)?|subnet plan|split|divide|partition|carve(?: up)?|teile|aufteilen|plane?"
                r"|unterteile"
            r"|zerlege|allocate|subnetting|into subnets|subnetz-?plan|make a (?=vlsm)",
            "fill": r"subnets?|subnetze?|into|for|with|hosts?|in|für|mit|and|und|need|have|plan|auf|um|needs"
                r"|brauche|each",
        },
        _planned,
        _NETWORK | words("hosts departments department offices abteilungen"),
        3,
    ),
    Request(
        ("ip", "address", "adresse", "privat",
         "public", "öffentlich", "loopback", "multicast", "ptr", "reverse", "expand",
         "compress", "link-local", "full form", "langform"),
        {"ip": _IP},
        {"fact": r"private?|public|loopback|link[- ]local|multicast|reserved|global(?:ly routable)?|routable"
            r"|öffentlich\w*(?: erreichbar\w*)?|für eine? (?:ip|adresse)"
                 r"|privat\w*|reserviert\w*|(?:what )?(?:kind|type|sort) of(?: ip)?(?: address)?|was für eine|art",
         "form": r"expand(?:ed)?|full(?: form)?|compress(?:ed)?|short(?:ened|est)? form|reverse(?: dns)?"
                 r"(?: name)?|ptr(?: (?:record|name))?|langform|kurzform|ausgeschrieben\w*|integer|decimal"
                 r"|dezimal|in-addr"},
        _address,
        _NETWORK | words("ipv6 ipv4 form full its router log name record vollständig bereich gehört range"),
        4,
        yes_or_no=True,
    ),
    Request(
        ("graph", "edge", "kante", "shortest", "kürzest", "route", "path", "euler", "connected", "component", "node",
         "bipart", "cycl", "kreis", "zusammenh", "weg ",
         "pfad", "tree", "baum"),
        {
            "edges": _EDGES,
            "path": r"(?:(?i:from|between|von|zwischen) |(?<=[Pp]fad )|(?<=[Ww]eg )|(?<=[Pp]ath ))(?!the |dem "
                    r"|der )(?:(?i:node"
                r"|knoten) )?[A-Za-z0-9]{1,12} (?i:to|and|nach|zu|und|bis) "
            r"(?:(?i:node|knoten) )?[A-Za-z0-9]{1,12}(?![\w-])",
        },
        {
            "path": r"(?:shortest|quickest|fastest|cheapest) (?:path|route|way|connection|distance)"
            r"|(?:kürzeste|schnellste|billigste)[rnms]? (?:weg|pfad|route|verbindung|strecke)|shortest",
            "fact": r"connected(?: components?)?|components?|bipartite|cycles?|acyclic|tree"
                r"|euler(?:ian)?(?: (?:circuit|cycle|path"
            r"|trail|tour))?|euler(?:weg|kreis|pfad|zug|tour)|zusammenhängend|zusammenhangskomponenten?"
            r"|komponenten|bipartit"
            r"|kreise?|baum|degrees?|analy[sz]e|diameter|minimum spanning tree|spannbaum|gradfolge|isolated",
        },
        _graph,
        words("graph graphen graphs edges edge nodes node network roads weights weighted with has have"
            " connections kanten knoten"
              " netz straßen mit leads dieser hat undirected ungerichtet many contain contains following"
              " gewichte vertices"
              " given kante"),
        3,
        yes_or_no=True,
    ),
    Request(
        ("[[",),
        {
            "label": r"(?i:label(?:led|ed)?(?: it| as| called)?|titled|beschriftet mit|titel) [\w-]{1,30}(?!\w)",
            "grid": r"\[ ?\[[^\[\]]*\](?: ?, ?\[[^\[\]]*\])* ?\]",
        },
        {"grid": r"(?:text |ascii )?grid|gitter|raster|row and column numbers|spielfeld|text grid|board"
            r"|spielbrett|textraster"},
        _drawn,
        words("draw print show display render as with row column numbers zeichne stelle gib dar zeilen spalten"
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
        words("legal possible allowed position fen chess here already black white side schon hier stellung weiß"
            " schwarz legal"
              " erlaubt möglich steht make to all turn am zug available"),
        4,
        yes_or_no=True,
    ),
)  # fmt: skip
