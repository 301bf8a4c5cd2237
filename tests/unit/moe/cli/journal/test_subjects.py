"""A user is found by every spelling of the same name: a client and an operator may type it on other keyboards."""

import json

import click
import pytest
from click.testing import CliRunner

from libs.core.key_roots import RootKeys
from libs.core.subjects import pseudonym
from moe.cli.journal import subjects

KEYS = RootKeys("the current key", ("an earlier key",))
COMPOSED, DECOMPOSED = "Zo\u00eb \u1e9b\u0323", "Zoe\u0308 \u017f\u0323\u0307"


@click.command()
@subjects.of_subject
def named(subject: str) -> None:
    click.echo(json.dumps(subjects.subjects_named("acme", subject)))


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "root_keys", lambda _root: KEYS)


def names_of(user: str) -> list[str]:
    found: list[str] = json.loads(CliRunner().invoke(named, ["--user", user]).output)
    return found


@pytest.mark.parametrize("user", [COMPOSED, DECOMPOSED])
def test_both_normal_forms_of_unicode_are_one_person(user: str) -> None:
    for spelling in (COMPOSED, DECOMPOSED):
        for key in KEYS.all:
            assert pseudonym(key, "acme", spelling) in names_of(user)
    assert names_of(user)[0] == pseudonym(KEYS.current, "acme", user)


@pytest.mark.parametrize("user", ["ada", "a@例え.jp", "' OR 1=1 --", "../ada", "a\nb", "\u202eada", "a.b", "\ufb01"])
def test_other_names_have_one_spelling(user: str) -> None:
    assert names_of(user) == [pseudonym(key, "acme", user) for key in KEYS.all]
