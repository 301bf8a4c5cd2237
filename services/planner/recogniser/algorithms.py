"""Names of digests and checksums, as they are written."""

import re

_DIGESTS = {
    "md5": r"md5(?:[- ]?sum)?", "sha1": r"sha-?1(?:sum)?", "sha224": r"sha-?224(?:sum)?",
    "sha256": r"sha-?256(?:sum)?", "sha384": r"sha-?384(?:sum)?", "sha512": r"sha-?512(?:sum)?(?!/)",
    "sha3_224": r"sha-?3[-_/ ]224", "sha3_256": r"sha-?3[-_/ ]256", "sha3_384": r"sha-?3[-_/ ]384",
    "sha3_512": r"sha-?3[-_/ ]512", "blake2b": r"blake[- ]?2b", "blake2s": r"blake[- ]?2s",
}  # fmt: skip
# the variants of the catalogue; `CCITT` alone names several algorithms
_VARIANTS = {
    "8": ("maxim", "maxim-dow", "smbus", "autosar", "rohc", "itu", "i-432-1", "sae-j1850", "cdma2000", "dvb-s2"),
    "16": ("modbus", "xmodem", "ccitt-false", "kermit", "arc", "usb", "x-25", "ibm-3740", "ibm-sdlc", "maxim", "dnp",
           "genibus", "umts", "autosar", "cdma2000", "t10-dif", "lha"),
    "24": ("openpgp",),
    "32": ("bzip2", "mpeg-2", "cksum", "posix", "jamcrc", "castagnoli", "iscsi", "iso-hdlc", "aixm", "xfer"),
    "64": ("xz", "ecma-182", "go-iso", "we", "redis", "nvme"),
}  # fmt: skip
_ALONE = r"(?![\w/]|-(?!prüf|summe|wert|check|sum|hash)| ?(?:ccitt|ibm|itu)\b)"
_SUMS = {
    **{
        f"CRC-{width}/{variant.upper()}": rf"crc-?{width}[-/_ (]{{1,2}}{variant.replace('-', '[-_ ]?')}\)?"
        for width, variants in _VARIANTS.items()
        for variant in variants
    },
    "CRC-32C": r"crc-?32[- ]?c",
    **{f"crc{width}": rf"crc-?{width}{_ALONE}" for width in _VARIANTS},
    "adler32": r"adler[- ]?32",
    **{f"fletcher{width}": rf"fletcher[- ]?{width}" for width in (16, 32, 64)},
    "CRC-16/modbus": r"modbus[- ]crc(?:-?16)?",
}
_KIND = r"(?:[- ]?(?:hash(?:wert|es)?|digest|prüfsumme|checksum|sum|summe|value|wert))"
DIGEST = "|".join(_DIGESTS.values())
SUM = "|".join(_SUMS.values())
NAMED_DIGEST, NAMED_SUM = rf"(?:{DIGEST}){_KIND}?", rf"(?:{SUM}){_KIND}?"
_NAMES = tuple(
    (name, re.compile(rf"(?:{pattern}){_KIND}?", re.IGNORECASE))
    for name, pattern in (*_DIGESTS.items(), *_SUMS.items())
)


def algorithm_of(written: str) -> str:
    """The name of a digest or checksum for the tools; nothing for another text."""
    return next((name for name, pattern in _NAMES if pattern.fullmatch(written.strip())), "")
