"""CRCs by name, with the parameters of the Rocksoft model.

Source: the Catalogue of parametrised CRC algorithms (G. Cook, reveng.sourceforge.io/crc-catalogue); `check` is the
CRC of the nine bytes "123456789". The aliases are the catalogue's own.
"""

from dataclasses import dataclass
from typing import NamedTuple

CATALOGUE = "Catalogue of parametrised CRC algorithms (reveng)"


@dataclass(frozen=True, slots=True)
class Crc:
    """One algorithm; reflected algorithms process the lowest bit first and return the register reflected."""

    name: str
    width: int
    poly: int
    init: int
    reflect_in: bool
    reflect_out: bool
    xor_out: int
    check: int
    aliases: tuple[str, ...] = ()


class Model(NamedTuple):
    """The numbers of one algorithm, as the catalogue lists them."""

    name: str
    width: int
    poly: int
    init: int
    xor_out: int
    check: int


def _plain(model: Model, *aliases: str) -> Crc:
    return Crc(**model._asdict(), reflect_in=False, reflect_out=False, aliases=aliases)


def _reflected(model: Model, *aliases: str) -> Crc:
    return Crc(**model._asdict(), reflect_in=True, reflect_out=True, aliases=aliases)


_ONES_32, _ONES_64 = 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF

CRCS = (
    _plain(Model("CRC-8/SMBUS", 8, 0x07, 0x00, 0x00, 0xF4), "CRC-8"),
    _reflected(Model("CRC-8/MAXIM-DOW", 8, 0x31, 0x00, 0x00, 0xA1), "CRC-8/MAXIM", "DOW-CRC"),
    _plain(Model("CRC-8/AUTOSAR", 8, 0x2F, 0xFF, 0xFF, 0xDF)),
    _plain(Model("CRC-8/I-432-1", 8, 0x07, 0x00, 0x55, 0xA1), "CRC-8/ITU"),
    _reflected(Model("CRC-8/ROHC", 8, 0x07, 0xFF, 0x00, 0xD0)),
    _plain(Model("CRC-8/SAE-J1850", 8, 0x1D, 0xFF, 0xFF, 0x4B)),
    _plain(Model("CRC-8/CDMA2000", 8, 0x9B, 0xFF, 0x00, 0xDA)),
    _plain(Model("CRC-8/DVB-S2", 8, 0xD5, 0x00, 0x00, 0xBC)),
    _reflected(Model("CRC-16/ARC", 16, 0x8005, 0x0000, 0x0000, 0xBB3D), "CRC-16", "ARC", "CRC-16/LHA", "CRC-IBM"),
    _plain(Model("CRC-16/IBM-3740", 16, 0x1021, 0xFFFF, 0x0000, 0x29B1), "CRC-16/CCITT-FALSE", "CRC-16/AUTOSAR"),
    _plain(
        Model("CRC-16/XMODEM", 16, 0x1021, 0x0000, 0x0000, 0x31C3), "XMODEM", "ZMODEM", "CRC-16/ACORN", "CRC-16/LTE"
    ),
    _reflected(Model("CRC-16/KERMIT", 16, 0x1021, 0x0000, 0x0000, 0x2189), "KERMIT", "CRC-16/CCITT", "CRC-CCITT"),
    _reflected(Model("CRC-16/IBM-SDLC", 16, 0x1021, 0xFFFF, 0xFFFF, 0x906E), "CRC-16/X-25", "X-25", "CRC-16/ISO-HDLC"),
    _plain(Model("CRC-16/GENIBUS", 16, 0x1021, 0xFFFF, 0xFFFF, 0xD64E), "CRC-16/EPC", "CRC-16/DARC", "CRC-16/I-CODE"),
    _reflected(Model("CRC-16/MODBUS", 16, 0x8005, 0xFFFF, 0x0000, 0x4B37), "MODBUS"),
    _reflected(Model("CRC-16/USB", 16, 0x8005, 0xFFFF, 0xFFFF, 0xB4C8)),
    _reflected(Model("CRC-16/MAXIM-DOW", 16, 0x8005, 0x0000, 0xFFFF, 0x44C2), "CRC-16/MAXIM"),
    _plain(Model("CRC-16/UMTS", 16, 0x8005, 0x0000, 0x0000, 0xFEE8), "CRC-16/BUYPASS", "CRC-16/VERIFONE"),
    _plain(Model("CRC-16/T10-DIF", 16, 0x8BB7, 0x0000, 0x0000, 0xD0DB)),
    _reflected(Model("CRC-16/DNP", 16, 0x3D65, 0x0000, 0xFFFF, 0xEA82)),
    _plain(Model("CRC-16/CDMA2000", 16, 0xC867, 0xFFFF, 0x0000, 0x4C06)),
    _plain(Model("CRC-24/OPENPGP", 24, 0x864CFB, 0xB704CE, 0x000000, 0x21CF02), "CRC-24"),
    _reflected(
        Model("CRC-32/ISO-HDLC", 32, 0x04C11DB7, _ONES_32, _ONES_32, 0xCBF43926), "CRC-32", "CRC-32/ADCCP", "PKZIP"
    ),
    _reflected(Model("CRC-32/ISCSI", 32, 0x1EDC6F41, _ONES_32, _ONES_32, 0xE3069283), "CRC-32C", "CRC-32/CASTAGNOLI"),
    _reflected(Model("CRC-32/BASE91-D", 32, 0xA833982B, _ONES_32, _ONES_32, 0x87315576), "CRC-32D"),
    _plain(Model("CRC-32/BZIP2", 32, 0x04C11DB7, _ONES_32, _ONES_32, 0xFC891918), "CRC-32/AAL5"),
    _plain(Model("CRC-32/CKSUM", 32, 0x04C11DB7, 0x00000000, _ONES_32, 0x765E7680), "CKSUM", "CRC-32/POSIX"),
    _plain(Model("CRC-32/MPEG-2", 32, 0x04C11DB7, _ONES_32, 0x00000000, 0x0376E6E7)),
    _reflected(Model("CRC-32/JAMCRC", 32, 0x04C11DB7, _ONES_32, 0x00000000, 0x340BC6D9), "JAMCRC"),
    _plain(Model("CRC-32/AIXM", 32, 0x814141AB, 0x00000000, 0x00000000, 0x3010BF7F), "CRC-32Q"),
    _plain(Model("CRC-32/XFER", 32, 0x000000AF, 0x00000000, 0x00000000, 0xBD0BE338), "XFER"),
    _plain(Model("CRC-64/ECMA-182", 64, 0x42F0E1EBA9EA3693, 0, 0, 0x6C40DF5F0B497347), "CRC-64"),
    _reflected(Model("CRC-64/XZ", 64, 0x42F0E1EBA9EA3693, _ONES_64, _ONES_64, 0x995DC9BBDF1939FA), "CRC-64/GO-ECMA"),
    _reflected(Model("CRC-64/GO-ISO", 64, 0x000000000000001B, _ONES_64, _ONES_64, 0xB90956C775A41001)),
    _plain(Model("CRC-64/WE", 64, 0x42F0E1EBA9EA3693, _ONES_64, _ONES_64, 0x62EC59E3F1A4F00A)),
    _reflected(Model("CRC-64/REDIS", 64, 0xAD93D23594C935A9, 0, 0, 0xE9C6D914C4B8D9CA)),
    _reflected(Model("CRC-64/NVME", 64, 0xAD93D23594C93659, _ONES_64, _ONES_64, 0xAE8B14860A799888)),
)
