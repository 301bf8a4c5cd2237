"""Retired words become fewer, and one that is put back is found wherever it is put."""

import pytest

from tests.contract.retired import (
    PLACES,
    Name,
    Place,
    Retired,
    Word,
    counts,
    findings,
    read_table,
    risen,
    tracked_texts,
)

TABLE = Retired(
    names=(Name("Turns", "libs/core", "FairSemaphore"),),
    words=(Word("purse", "budget limiter"),),
    subjects=(Word("nobody", "the subject"), Word("straight line", "direct request")),
)
PUT_BACK: dict[Place, tuple[str, str]] = {
    "identifier": ("services/a.py", "def open_purse() -> None: ...\n"),
    "file": ("libs/adapters/purse.py", ""),
    "log": ("libs/a.py", "log.warning('the purse of %s is empty', name)\n"),
    "setting": ("services/a/settings.py", "limit: int = Field(1, description='Tokens that a purse holds')\n"),
    "help": ("services/cli/a.py", "command = click.option('--all', help=f'Show every {kind} purse')(command)\n"),
    "message": ("services/a.py", "raise Rejected('the purse is empty')\n"),
    "docstring": ("libs/a.py", '"""Nobody waits."""\n'),
    "comment": ("libs/a.py", "x = 1  # on the straight line\n"),
    "docs": ("docs/budgets.md", "A purse holds a lease.\n"),
}


def test_retired_words_do_not_become_more() -> None:
    """Lower the numbers of `left` in retired_names.toml when words are removed."""
    table = read_table()
    assert risen(counts(findings(table, tracked_texts())), table.left) == []


def test_every_place_has_a_number() -> None:
    assert tuple(read_table().left) == PLACES


def test_one_word_more_in_one_place_is_found() -> None:
    assert risen({"log": 3, "help": 1}, {"log": 2, "help": 1}) == ["log: 3, 2 were left"]


@pytest.mark.parametrize("place", PLACES)
def test_a_word_that_is_put_back_is_found(place: Place) -> None:
    path, text = PUT_BACK[place]
    assert [finding.place for finding in findings(TABLE, {path: text})] == [place]


@pytest.mark.parametrize(
    "text",
    [
        "class Turns: ...\n",
        "def Turns() -> None: ...\n",
        "def f(Turns: int) -> None: ...\n",
        "Turns = 1\n",
        "self.Turns = 1\n",
    ],
)
def test_a_name_is_retired_within_its_scope(text: str) -> None:
    assert [str(finding) for finding in findings(TABLE, {"libs/core/a.py": text})] == [
        "libs/core/a.py:1: identifier: Turns is FairSemaphore"
    ]
    assert findings(TABLE, {"libs/corelike/a.py": text, "services/a.py": text}) == []


def test_a_longer_word_and_a_persisted_name_are_others() -> None:
    texts = ("x = 'pursed lips'\n", "role = 'ALTER ROLE moe_purse'\n", "purser = 1\n")
    assert findings(TABLE, {f"libs/{number}.py": text for number, text in enumerate(texts)}) == []


def test_names_have_one_successor_in_a_scope() -> None:
    names = [(name.name, name.scope) for name in read_table().names]
    assert len(names) == len(set(names))
