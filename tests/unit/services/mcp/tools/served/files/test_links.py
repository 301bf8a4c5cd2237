"""Links to files cannot be forged or changed."""

import random
import string

import pytest

from libs.ports.objects import ObjectKey
from services.mcp.tools.served.files.links import DownloadLinks, key_from

LINKS = DownloadLinks(key_from("a signing key of the fleet"), "https://tools.example")
PLACE = ObjectKey("tenant-a", "files", "9f86d081884c7d659a2feaa0c55ad015.pdf")
NOW = 1_760_000_000.0


def token(place: ObjectKey = PLACE, expires_at: float = NOW + 60) -> str:
    made = LINKS.token_in(LINKS.make(place, expires_at))
    assert made is not None
    return made


def test_a_link_leads_to_its_object_until_it_expires() -> None:
    assert LINKS.read(token(), NOW) == PLACE
    assert LINKS.read(token(), NOW + 59) == PLACE
    assert LINKS.read(token(), NOW + 60) is None


def test_no_character_of_a_link_can_be_changed() -> None:
    whole = token()
    for place in range(len(whole)):
        for letter in (string.ascii_letters + string.digits + "-_")[:: 1 + place % 5]:
            changed = whole[:place] + letter + whole[place + 1 :]
            assert (LINKS.read(changed, NOW) == PLACE) == (changed == whole)


def test_a_link_has_one_spelling() -> None:
    whole = token()
    for other in (
        whole + "=",
        whole + "==",
        whole + " ",
        whole + "\n",
        f" {whole}",
        whole.replace("-", "+"),
        whole + "A",
    ):
        assert other == whole or LINKS.read(other, NOW) is None


def test_another_key_reads_nothing() -> None:
    assert DownloadLinks(key_from("another signing key"), "").read(token(), NOW) is None


def test_the_key_is_not_the_secret_itself() -> None:
    assert key_from("a signing key of the fleet") != b"a signing key of the fleet"
    assert DownloadLinks(b"a signing key of the fleet", "").read(token(), NOW) is None


@pytest.mark.parametrize("junk", ["", "a", "!!!!", "é", "a" * 100_000, "../../etc/passwd", "\0", "AAAA" * 20])
def test_junk_is_no_link(junk: str) -> None:
    assert LINKS.read(junk, NOW) is None


def test_random_junk_is_no_link() -> None:
    chance = random.Random(3)
    letters = string.ascii_letters + string.digits + "-_"
    for _ in range(2000):
        assert LINKS.read("".join(chance.choice(letters) for _ in range(chance.randrange(200))), NOW) is None


def test_tenants_with_odd_names_cannot_be_mixed_up() -> None:
    odd = ObjectKey('a","b', "files", PLACE.name)
    assert LINKS.read(token(odd), NOW) == odd


def test_only_our_own_urls_have_a_token() -> None:
    assert LINKS.token_in("https://other.example/downloads/abc") is None
    assert LINKS.token_in("https://tools.example.evil/downloads/abc") is None
