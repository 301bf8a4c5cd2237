"""`uuid_facts` against the standard library, `semver_compare` against the package semver and the specification."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import semver

from services.mcp.contract import AnswerStyle, Language, ToolError
from services.mcp.tools.pure.codes.semver_compare import SemverCompareArguments, SemverCompareResult, semver_compare
from services.mcp.tools.pure.codes.uuid_facts.models import UuidFactsArguments, UuidFactsResult
from services.mcp.tools.pure.codes.uuid_facts.tool import uuid_facts
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

VARIANTS = {
    uuid.RESERVED_NCS: "ncs",
    uuid.RFC_4122: "rfc9562",
    uuid.RESERVED_MICROSOFT: "microsoft",
    uuid.RESERVED_FUTURE: "future",
}


def facts(text: str) -> UuidFactsResult:
    return uuid_facts(UuidFactsArguments(uuid=text))


def compared(version1: str, version2: str) -> SemverCompareResult:
    return semver_compare(SemverCompareArguments(version1=version1, version2=version2))


def test_thousands_of_uuids_have_the_fields_that_the_standard_library_sees(exact: Exactness) -> None:
    chance = random.Random(9562)
    seen = set()
    for _ in exact.cases("uuid_facts", 6_000):
        known = some_uuid(chance)
        found = facts(form_of(chance, known))
        assert found.variant == VARIANTS[known.variant]
        assert found.version == known.version
        assert (found.hex, found.integer, found.urn) == (known.hex, str(known.int), known.urn)
        seen.add((found.variant, found.version))
        if found.version == 1:
            assert found.timestamp_count == str(known.time)
            assert found.clock_sequence == known.clock_seq
            assert found.node is not None
            assert int(found.node.replace(":", ""), 16) == known.node
            assert found.node_is_random == bool(known.node >> 40 & 1)
    assert {version for _, version in seen} >= {None, *range(1, 9)}
    assert {variant for variant, _ in seen} == set(VARIANTS.values())


def some_uuid(chance: random.Random) -> uuid.UUID:
    """One of any bits, or one of a version that the standard library sets or makes."""
    number, name = chance.getrandbits(128), str(chance.random())
    set_ = uuid.UUID(int=number, version=chance.randint(1, 5))
    made = uuid.uuid3(uuid.NAMESPACE_DNS, name), uuid.uuid5(uuid.NAMESPACE_URL, name)
    return chance.choice((uuid.UUID(int=number), uuid.UUID(int=number), set_, *made))


def form_of(chance: random.Random, known: uuid.UUID) -> str:
    return chance.choice((str(known), known.hex.upper(), known.urn, f"{{{known}}}", f" {known}\n"))


def test_times_of_version_one_are_exact_to_a_tenth_of_a_microsecond(exact: Exactness) -> None:
    chance = random.Random(1582)
    for _ in exact.cases("uuid_facts", 2_000):
        ticks = chance.getrandbits(60)
        fields = (ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0xFFF | 0x1000, 0x80, 0, 0)
        found = facts(str(uuid.UUID(fields=fields)))
        assert found.timestamp == written(ticks)
        high, low = ticks >> 12, ticks & 0xFFF
        ordered = facts(f"{high << 16 | 0x6000 | low:016x}8000000000000000")
        assert (ordered.version, ordered.timestamp) == (6, written(ticks))


def written(ticks: int) -> str:
    moment = datetime(1582, 10, 15) + timedelta(microseconds=ticks // 10)
    return f"{moment.isoformat(timespec='microseconds')}{ticks % 10}Z"


def test_times_of_version_seven_are_unix_milliseconds(exact: Exactness) -> None:
    chance = random.Random(7)
    for _ in exact.cases("uuid_facts", 2_000):
        count = chance.randint(0, 253_402_300_799_999)
        found = facts(f"{count:012x}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}")
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=count)
        assert (found.version, found.timestamp_count) == (7, str(count))
        assert found.timestamp == moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@pytest.mark.parametrize(
    ("text", "version", "timestamp"),
    [
        ("C232AB00-9414-11EC-B3C8-9F6BDECED846", 1, "2022-02-22T19:22:22.0000000Z"),
        ("5df41881-3aed-3515-88a7-2f4a814cf09e", 3, None),
        ("919108f7-52d1-4320-9bac-f847db4148a8", 4, None),
        ("2ed6657d-e927-568b-95e1-2665a8aea6a2", 5, None),
        ("1EC9414C-232A-6B00-B3C8-9F6BDECED846", 6, "2022-02-22T19:22:22.0000000Z"),
        ("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 7, "2022-02-22T19:22:22.000Z"),
        ("2489E9AD-2EE2-8E00-8EC9-32D5F69181C0", 8, None),
    ],
)
def test_the_examples_of_the_rfc(text: str, version: int, timestamp: str | None) -> None:
    found = facts(text)
    assert (found.version, found.timestamp) == (version, timestamp)


def test_a_time_past_the_year_9999_is_a_count_alone() -> None:
    found = facts("ffffffff-ffff-7fff-bfff-ffffffffffff")
    assert (found.timestamp, found.timestamp_count) == (None, str(2**48 - 1))


def test_nil_and_max_have_no_version() -> None:
    nil, full = facts("0" * 32), facts("f" * 32)
    assert (nil.special, nil.version) == ("nil", None)
    assert (full.special, full.version) == ("max", None)


@pytest.mark.parametrize(
    "text",
    [
        "919108f7-52d1-4320-9bac-f847db4148a8",
        "919108F752D143209BACF847DB4148A8",
        "{919108f7-52d1-4320-9bac-f847db4148a8}",
        "urn:uuid:919108f7-52d1-4320-9bac-f847db4148a8",
        " 919108f7-52d1-4320-9bac-f847db4148a8\n",
    ],
)
def test_a_uuid_has_many_forms(text: str) -> None:
    assert facts(text).uuid == "919108f7-52d1-4320-9bac-f847db4148a8"


@pytest.mark.parametrize(
    "text",
    [
        "919108f7-52d1-4320-9bac-f847db4148a",
        "919108f7-52d1-4320-9bac-f847db4148a8a",
        "{919108f7-52d1-4320-9bac-f847db4148a8",
        "919108f7-52d143209bac-f847db4148a8",
        "g19108f7-52d1-4320-9bac-f847db4148a8",
        "９19108f7-52d1-4320-9bac-f847db4148a8",  # noqa: RUF001 - a full-width digit
    ],
)
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        facts(text)
    assert caught.value.code == "invalid_argument"


# https://semver.org section 11, and the lists that its regular expression is tested with.
IN_ORDER = (
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"),
    *("1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "2.1.0", "2.1.1", "99999999999999999999.0.0"),
)
_VALID = """
0.0.4 1.2.3 10.20.30 1.1.2-prerelease+meta 1.1.2+meta 1.1.2+meta-valid 1.0.0-alpha 1.0.0-beta 1.0.0-alpha.beta
1.0.0-alpha.beta.1 1.0.0-alpha.1 1.0.0-alpha0.valid 1.0.0-alpha.0valid
1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay 1.0.0-rc.1+build.1 2.0.0-rc.1+build.123 1.2.3-beta
10.2.3-DEV-SNAPSHOT 1.2.3-SNAPSHOT-123 1.0.0 2.0.0 1.1.7 2.0.0+build.1848 2.0.1-alpha.1227 1.0.0-alpha+beta
1.2.3----RC-SNAPSHOT.12.9.1--.12+788 1.2.3----R-S.12.9.1--.12+meta 1.2.3----RC-SNAPSHOT.12.9.1--.12
1.0.0+0.build.1-rc.10000aaa-kk-0.1 99999999999999999999999.999999999999999999.99999999999999999
1.0.0-0A.is.legal
"""
VALID = _VALID.split()
_INVALID = """
1 1.2 1.2.3-0123 1.2.3-0123.0123 1.1.2+.123 +invalid -invalid -invalid+invalid -invalid.01 alpha alpha.beta
alpha.beta.1 alpha.1 alpha+beta alpha_beta alpha. alpha.. beta 1.0.0-alpha_beta -alpha. 1.0.0-alpha..
1.0.0-alpha..1 1.0.0-alpha...1 01.1.1 1.01.1 1.1.01 1.2.3.DEV 1.2-SNAPSHOT
1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788 1.2-RC-SNAPSHOT -1.0.3-gamma+b7718 +justmeta 9.8.7+meta+meta
9.8.7-whatever+meta+meta v1.2.3 1.2.3+ 1.2.3-
"""
INVALID = _INVALID.split()


def test_the_specifications_order() -> None:
    for earlier, later in pairwise(IN_ORDER):
        assert compared(earlier, later).order == -1
        assert compared(later, earlier).relation == ">"


def test_what_the_specification_allows_is_read(exact: Exactness) -> None:
    exact.table("semver_compare", len(VALID))
    for version in VALID:
        found = compared(version, version)
        assert (found.order, found.identical, found.version1.version) == (0, True, version)


def test_what_the_specification_forbids_is_refused(exact: Exactness) -> None:
    exact.table("semver_compare", len(INVALID))
    for pair in (pair for version in INVALID for pair in ((version, "1.0.0"), ("1.0.0", version))):
        with pytest.raises(ToolError) as caught:
            compared(*pair)
        assert caught.value.code == "invalid_argument", pair


def test_a_version_with_a_v_is_refused_with_the_reason() -> None:
    with pytest.raises(ToolError, match="leave out the v"):
        compared("v1.0.0", "1.0.0")


def test_thousands_of_pairs_are_ordered_as_by_the_package_semver(exact: Exactness) -> None:
    chance = random.Random(200)
    orders = set()
    for _ in exact.cases("semver_compare", 8_000):
        one, two = some_version(chance), some_version(chance)
        expected = semver.Version.parse(one).compare(two)
        assert compared(one, two).order == expected, (one, two)
        orders.add(expected)
    assert orders == {-1, 0, 1}


def some_version(chance: random.Random) -> str:
    """Version out of few, so that many pairs are near each other."""
    words = ("alpha", "beta", "rc", "a-b", "-", "0a", "A", "1", "2", "11", "0")
    core = ".".join(str(chance.choice((0, 1, 2, 10))) for _ in range(3))
    pre = ".".join(chance.choices(words, k=chance.randint(1, 3))) if chance.random() < 0.7 else ""
    build = f"+{chance.choice(('001', 'exp.sha', 'x'))}" if chance.random() < 0.3 else ""
    return f"{chance.choice((core, '1.0.0'))}{'-' if pre else ''}{pre}{build}"


def test_build_metadata_does_not_count() -> None:
    found = compared("1.0.0+1", "1.0.0+2")
    assert (found.relation, found.identical, found.first_difference) == ("=", False, None)


@pytest.mark.parametrize(
    ("one", "two", "difference"),
    [
        ("1.0.0", "2.0.0", "major"),
        ("1.0.0", "1.1.0-rc", "minor"),
        ("1.0.0", "1.0.1", "patch"),
        ("1.0.0", "1.0.0-a", "prerelease"),
    ],
)
def test_the_first_difference_is_named(one: str, two: str, difference: str) -> None:
    assert compared(one, two).first_difference == difference


@pytest.mark.parametrize(
    ("language", "answer"),
    [("en", "1.9.0 is older than 1.10.0 (1.9.0 < 1.10.0)."), ("de", "1.9.0 ist älter als 1.10.0 (1.9.0 < 1.10.0).")],
)
def test_the_answer_says_which_is_newer(language: Language, answer: str) -> None:
    args = {"version1": "1.9.0", "version2": "1.10.0"}
    assert invoke("semver_compare", {**args}, AnswerStyle(language=language)).answer == answer
