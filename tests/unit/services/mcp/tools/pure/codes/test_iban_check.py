"""`iban_check` against python-stdnum, and the registry's own examples."""

import random
import string

import pytest
from stdnum import iban
from stdnum.iso7064 import mod_97_10

from services.mcp.contract import ToolError
from services.mcp.tools.pure.codes.iban_check import IbanCheckArguments, IbanCheckResult, iban_check
from services.mcp.tools.pure.codes.iban_registry import STRUCTURES
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.written_codes import DIGITS, some_digits, spoiled, written


def of_iban(text: str) -> IbanCheckResult:
    return iban_check(IbanCheckArguments(iban=text))


def some_bban(chance: random.Random, structure: str) -> str:
    kinds = {"n": DIGITS, "a": string.ascii_uppercase, "c": DIGITS + string.ascii_uppercase}
    parts = [part.split("!") for part in structure.replace("n", "n ").replace("a", "a ").replace("c", "c ").split()]
    return "".join("".join(chance.choices(kinds[kind], k=int(length))) for length, kind in parts)


# The registry's own examples.
_EXAMPLES = """
AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201
AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034 BG80BNBG96611020345678 BH67BMAG00001299123456
BR1800360305000010009795493C1 BY13NBRB3600900000002Z00AB00 CH9300762011623852957 CR05015202001026284066
CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000 DK5000400440116243
DO28BAGR00000001212453611324 EE382200221020145685 EG380019000500000000263180002 ES9121000418450200051332
FI2112345600000785 FO6264600001631634 FR1420041010050500013M02606 GB29NWBK60161331926819 GE29NB0000000101904917
GI75NWBK000000007099453 GL8964710001000206 GR1601101250000000012300695 GT82TRAJ01020000001210029690
HR1210010051863000160 HU42117730161111101800000000 IE29AIBK93115212345678 IL620108000000099999999
IQ98NBIQ850123456789012 IS140159260076545510730339 IT60X0542811101000000123456 JO94CBJO0010000000000131000302
KW81CBKU0000000000001234560101 KZ86125KZT5004100100 LB62099900000001001901229114
LC55HEMM000100010012001200023015 LI21088100002324013AA LT121000011101001000 LU280019400644750000
LV80BANK0000435195001 MC5811222000010123456789030 MD24AG000225100013104168 ME25505000012345678951
MK07250120000058984 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S MU17BOMM0101101030300200000MUR
NL91ABNA0417164300 NO9386011117947 PK36SCBL0000001123456702 PL61109010140000071219812874
PS92PALS000000000400123456702 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000
RS35260005601001611379 SA0380000000608010167519 SC18SSCB11010000000000001497USD SE4550000000058398257466
SI56263300012039086 SK3112000000198742637541 SM86U0322509800000000270100 ST23000100010051845310146
SV62CENR00000000000000700025 TL380080012345678910157 TN5910006035183598478831 TR330006100519786457841326
UA213223130000026007233566001 VA59001123000012345678 VG96VPVG0000012345678901 XK051212012345678906
"""
EXAMPLES = _EXAMPLES.split()


def test_the_registrys_own_examples_are_valid(exact: Exactness) -> None:
    exact.table("iban_check", len(EXAMPLES))
    assert [example for example in EXAMPLES if not of_iban(example).valid] == []


def some_iban(chance: random.Random) -> str:
    """IBAN, right or spoiled, of the countries and in the form that stdnum judges as the registry does."""
    country, structure = chance.choice(sorted(STRUCTURES.items()))
    bban = some_bban(chance, structure.text)
    code = spoiled(chance, f"{country}{mod_97_10.calc_check_digits(bban + country)}{bban}")
    code = chance.choice((code, code, code, code[:-1], f"{code}0"))
    out_of_range = code[2:4] in ("00", "01", "99")  # ISO 13616 has check digits 02 to 98
    newer = country == "BR" and not bban[:23].isdigit()  # Brazilian banks got letters in 2026
    refused = not (code[:2].isalpha() and code[2:4].isdigit())
    return some_iban(chance) if out_of_range or newer or refused else code


def test_thousands_of_ibans_are_judged_as_stdnum_judges_them(exact: Exactness) -> None:
    chance = random.Random(97)
    verdicts = set()
    for _ in exact.cases("iban_check", 3_600):
        code = some_iban(chance)
        expected, found = iban.is_valid(code, check_country=False), of_iban(written(chance, code, "IBAN ", "iban: "))
        assert (found.valid, found.iban.replace(" ", "")) == (expected, code)
        verdicts.add((expected, found.problem))
    assert verdicts == {(True, None), *((False, problem) for problem in ("check_digits", "structure", "length"))} | (
        verdicts & {(False, "unknown_country")}
    )


def test_check_digits_that_are_congruent_but_out_of_range_are_wrong(exact: Exactness) -> None:
    chance = random.Random(9797)
    found = 0
    for _ in exact.cases("iban_check", 3_000):
        bban = some_digits(chance, 18)
        right = of_iban(f"DE00{bban}").expected_check_digits
        if right == "98":
            found += 1
            assert mod_97_10.is_valid(f"{bban}DE01")
            assert of_iban(f"DE01{bban}").problem == "check_digits"
    assert found > 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("DE89 3704 0044 0532 0130 01", "check_digits"),
        ("DE89 3704 0044 0532 0130 0", "length"),
        ("DE89 3704 0044 0532 0130 0A", "structure"),
        ("ZZ89 3704 0044 0532 0130 00", "unknown_country"),
        ("US12 3456", "unknown_country"),
    ],
)
def test_the_first_thing_that_is_wrong_is_told(text: str, problem: str) -> None:
    assert of_iban(text).problem == problem


@pytest.mark.parametrize(
    "text", ["de89370400440532013000", "IBAN: DE89-3704-0044-0532-0130-00", " DE89 3704004405320130 00"]
)
def test_an_iban_may_be_written_in_many_ways(text: str) -> None:
    found = of_iban(text)
    assert found.valid
    assert (found.iban, found.bank_code) == ("DE89 3704 0044 0532 0130 00", "37040044")


@pytest.mark.parametrize(
    "text",
    ["   ", "DE", "DE8", "DE89", "8937040044", "A2D604769OAO", "DE89 3704/0044", "\uff24\uff2589370400440532013000"],
)
def test_what_is_no_iban_at_all_is_refused(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        of_iban(text)
    assert caught.value.code == "invalid_argument"
