"""No retired word stands anywhere, and one that is put back is found wherever it is put."""

from dataclasses import replace

import pytest

from tests.contract.retired import (
    PLACES,
    Finding,
    Name,
    Place,
    Retired,
    Right,
    Word,
    findings,
    read_table,
    tracked_texts,
    unneeded,
    wrong,
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


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    return findings(read_table(), tracked_texts())


def test_no_retired_word_is_left(found: list[Finding]) -> None:
    """Name the thing by the successor; a row in `right` of retired_names.toml needs a reason."""
    assert [str(finding) for finding in wrong(read_table(), found)] == []


def test_every_row_of_right_is_needed(found: list[Finding]) -> None:
    assert unneeded(read_table(), found) == []


@pytest.mark.parametrize("place", PLACES)
def test_a_word_that_is_put_back_is_found(place: Place) -> None:
    path, text = PUT_BACK[place]
    assert [finding.place for finding in findings(TABLE, {path: text})] == [place]


def test_a_word_is_right_in_its_place_alone() -> None:
    table = replace(TABLE, right=(Right("purse", "services/a.py", "a field on the wire"),))
    text = "def open_purse() -> None: ...\n"
    found = findings(table, {path: text for path in ("services/a.py", "services/a.pyx.py", "services/b.py")})
    assert [finding.path for finding in wrong(table, found)] == ["services/a.pyx.py", "services/b.py"]
    assert (unneeded(table, found), unneeded(table, found[1:])) == ([], list(table.right))


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
