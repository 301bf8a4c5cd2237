"""`checksum`: CRC-8 to CRC-64, Adler-32 and Fletcher sums of a text's UTF-8 bytes."""

from collections.abc import Callable, Mapping
from functools import partial

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.text.checksum.catalogue import CATALOGUE, CRCS, Crc
from services.mcp.tools.pure.text.checksum.sums import adler32, crc, fletcher
from services.mcp.tools.pure.text.hash_text import ENCODING_RULE

MAX_CHARS = 50_000
MAX_NAME_CHARS = 30

_SUMS: Mapping[str, tuple[int, Callable[[bytes], int]]] = {
    "ADLER-32": (32, adler32),
    "FLETCHER-16": (16, partial(fletcher, width=16)),
    "FLETCHER-32": (32, partial(fletcher, width=32)),
    "FLETCHER-64": (64, partial(fletcher, width=64)),
}


class ChecksumArguments(ToolModel):
    """A text and an algorithm by its catalogue name or an alias: `crc32`, `CRC-16/MODBUS`, `crc32c`, `adler32`."""

    text: str = Field(max_length=MAX_CHARS)
    algorithm: str = Field("crc32", min_length=1, max_length=MAX_NAME_CHARS)


class CrcParameters(ToolModel):
    """The Rocksoft parameters of a CRC, in hexadecimal; `check` is the CRC of the nine bytes "123456789"."""

    width: int
    poly: str
    init: str
    refin: bool
    refout: bool
    xorout: str
    check: str
    catalogue: str = CATALOGUE


class ChecksumResult(ToolModel):
    """The checksum in hexadecimal of its full width and as a decimal string."""

    algorithm: str
    value: str
    decimal: str
    width: int
    input_bytes: int
    parameters: CrcParameters | None = Field(description="Null for Adler-32 and Fletcher")
    encoding_rule: str = ENCODING_RULE


def checksum(arguments: ChecksumArguments) -> ChecksumResult:
    """Raises ToolError for an unknown algorithm."""
    name = _plain_name(arguments.algorithm)
    octets = arguments.text.encode()
    if name in _SUM_NAMES:
        width, summed = _SUMS[_SUM_NAMES[name]]
        return _result(_SUM_NAMES[name], width, summed(octets), octets, None)
    if name not in _CRC_NAMES:
        raise ToolError("invalid_argument", f"algorithm: {', '.join(_SUMS)}, or one of {_FAMILIAR} and the like")
    algorithm = _CRC_NAMES[name]
    return _result(algorithm.name, algorithm.width, crc(algorithm, octets), octets, _parameters(algorithm))


def _result(name: str, width: int, value: int, octets: bytes, parameters: CrcParameters | None) -> ChecksumResult:
    return ChecksumResult(
        algorithm=name,
        value=f"{value:0{width // 4}x}",
        decimal=str(value),
        width=width,
        input_bytes=len(octets),
        parameters=parameters,
    )


def _parameters(algorithm: Crc) -> CrcParameters:
    poly, init, xorout, check = (
        f"0x{number:0{algorithm.width // 4}x}"
        for number in (algorithm.poly, algorithm.init, algorithm.xor_out, algorithm.check)
    )
    return CrcParameters(
        width=algorithm.width,
        poly=poly,
        init=init,
        refin=algorithm.reflect_in,
        refout=algorithm.reflect_out,
        xorout=xorout,
        check=check,
    )


def _plain_name(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


_SUM_NAMES = {_plain_name(name): name for name in _SUMS}
_CRC_NAMES = {_plain_name(name): algorithm for algorithm in CRCS for name in (algorithm.name, *algorithm.aliases)}
_FAMILIAR = "CRC-8, CRC-16/MODBUS, CRC-16/XMODEM, CRC-32, CRC-32C, CRC-64/XZ"


def phrase(result: ChecksumResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return (
            f"Die Prüfsumme {result.algorithm} der {result.input_bytes} UTF-8-Bytes ist 0x{result.value} "
            f"({result.decimal})."
        )
    return f"The {result.algorithm} of the {result.input_bytes} UTF-8 bytes is 0x{result.value} ({result.decimal})."


CHECKSUM = Tool(
    name="checksum",
    description=Bilingual(
        en="Checksum of a text: CRC-8, -16, -24, -32, -32C, -64 by catalogue name, Adler-32, Fletcher",
        de="Prüfsumme eines Textes: CRC-8, -16, -24, -32, -32C, -64 nach Katalognamen, Adler-32, Fletcher",
    ),
    keywords=Bilingual(
        en="checksum crc crc8 crc16 crc32 crc32c crc64 adler adler32 fletcher modbus xmodem",
        de="prüfsumme crc crc8 crc16 crc32 crc32c crc64 adler adler32 fletcher modbus xmodem",
    ),
    arguments=ChecksumArguments,
    result=ChecksumResult,
    run=checksum,
    answer=phrase,
    limits=(
        Limit(name="text_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="algorithm_chars", value=MAX_NAME_CHARS, unit="characters"),
    ),
    example=Example(
        args={"text": "123456789", "algorithm": "crc32"},
        result={
            "algorithm": "CRC-32/ISO-HDLC",
            "value": "cbf43926",
            "decimal": "3421780262",
            "width": 32,
            "input_bytes": 9,
            "parameters": {
                "width": 32,
                "poly": "0x04c11db7",
                "init": "0xffffffff",
                "refin": True,
                "refout": True,
                "xorout": "0xffffffff",
                "check": "0xcbf43926",
                "catalogue": CATALOGUE,
            },
            "encoding_rule": ENCODING_RULE,
        },
        answer="The CRC-32/ISO-HDLC of the 9 UTF-8 bytes is 0xcbf43926 (3421780262).",
    ),
    error_example=ErrorExample(args={"text": "123456789", "algorithm": "crc-3"}, code="invalid_argument"),
)
