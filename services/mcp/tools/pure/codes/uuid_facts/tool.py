"""`uuid_facts`: decode a UUID by RFC 9562."""

import re
from collections.abc import Mapping

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError
from services.mcp.tools.pure.codes.uuid_facts import fields
from services.mcp.tools.pure.codes.uuid_facts.models import UUID_RULE, UuidFactsArguments, UuidFactsResult
from services.mcp.tools.pure.codes.written import MAX_CODE_CHARS

_WRITTEN = re.compile(
    r"(?:urn:uuid:)?(\{)?([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})(?(1)\})", re.ASCII
)
_NAMES: Mapping[int, Bilingual] = {
    1: Bilingual(en="time and node", de="Zeit und Knoten"),
    2: Bilingual(en="DCE security", de="DCE-Sicherheit"),
    3: Bilingual(en="name by MD5", de="Name durch MD5"),
    4: Bilingual(en="random", de="zufällig"),
    5: Bilingual(en="name by SHA-1", de="Name durch SHA-1"),
    6: Bilingual(en="ordered time and node", de="sortierbare Zeit und Knoten"),
    7: Bilingual(en="Unix time and random", de="Unix-Zeit und zufällig"),
    8: Bilingual(en="custom", de="eigene Belegung"),
}
_NODE_BITS = 48


def uuid_facts(arguments: UuidFactsArguments) -> UuidFactsResult:
    """Raises ToolError."""
    found = _WRITTEN.fullmatch(arguments.uuid.strip().lower())
    if found is None:
        raise ToolError("invalid_argument", "uuid: write 32 hexadecimal digits as 8-4-4-4-12")
    number = int("".join(found.group(2, 4, 5, 6, 7)), 16)
    variant = fields.variant(number)
    special = fields.special(number)
    version = number >> 76 & 0xF if variant == "rfc9562" and special is None else None
    moment = fields.moment(number, version)
    name, node = _NAMES.get(version or 0), number & (1 << _NODE_BITS) - 1
    timed = version in (1, 6)
    return UuidFactsResult(
        uuid="-".join(found.group(2, 4, 5, 6, 7)),
        urn=f"urn:uuid:{'-'.join(found.group(2, 4, 5, 6, 7))}",
        hex=f"{number:032x}",
        integer=str(number),
        special=special,
        variant=variant,
        version=version,
        version_name=name.en if name else None,
        timestamp=moment.utc if moment else None,
        timestamp_count=str(moment.count) if moment else None,
        clock_sequence=number >> _NODE_BITS & 0x3FFF if timed else None,
        node=node.to_bytes(6).hex(":") if timed else None,
        node_is_random=bool(node >> 40 & 1) if timed else None,
    )


def phrase(result: UuidFactsResult, style: AnswerStyle) -> str:
    """One sentence with the version and the time, if there is one."""
    german = style.language == "de"
    if result.special:
        kind = "Nil-UUID" if result.special == "nil" else "Max-UUID"
        return f"{result.uuid} {'ist die' if german else 'is the'} {kind}."
    if result.version is None:
        return f"{result.uuid} {'hat die Variante' if german else 'has the variant'} {result.variant}."
    name = _NAMES[result.version].text(style.language) if result.version in _NAMES else None
    label = f" ({name})" if name else ""
    time = f", {'erzeugt' if german else 'made at'} {result.timestamp}" if result.timestamp else ""
    verb = "ist eine UUID der Version" if german else "is a UUID of version"
    return f"{result.uuid} {verb} {result.version}{label}{time}."


UUID_FACTS = Tool(
    name="uuid_facts",
    description=Bilingual(
        en="Version, variant, timestamp and node of a UUID",
        de="Version, Variante, Zeitstempel und Knoten einer UUID",
    ),
    keywords=Bilingual(
        en="uuid guid version variant timestamp decode identifier",
        de="uuid guid version variante zeitstempel entschlüsseln kennung",
    ),
    arguments=UuidFactsArguments,
    result=UuidFactsResult,
    run=uuid_facts,
    answer=phrase,
    limits=(Limit(name="code_chars", value=MAX_CODE_CHARS, unit="characters"),),
    example=Example(
        args={"uuid": "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"},
        result={
            "uuid": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "urn": "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "hex": "017f22e279b07cc398c4dc0c0c07398f",
            "integer": "1989357241971137676463954034883508623",
            "special": None,
            "variant": "rfc9562",
            "version": 7,
            "version_name": "Unix time and random",
            "timestamp": "2022-02-22T19:22:22.000Z",
            "timestamp_count": "1645557742000",
            "clock_sequence": None,
            "node": None,
            "node_is_random": None,
            "rule": UUID_RULE,
        },
        answer=(
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f "
            "is a UUID of version 7 (Unix time and random), made at 2022-02-22T19:22:22.000Z."
        ),
    ),
    error_example=ErrorExample(args={"uuid": "017F22E2-79B0"}, code="invalid_argument"),
)
