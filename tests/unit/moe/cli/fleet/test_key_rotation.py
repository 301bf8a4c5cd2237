import json
from pathlib import Path

import pytest

from libs.core.key_roots import AUDIT, DATABASE, ENVELOPES, JOURNAL, NOTES, PSEUDONYMS, ROOTS, KeyRoot, RootKeys
from libs.testing.keys import SIGNING_KEY
from moe.cli.context.root_keys import RootKeySettings, made_roots, stored_keys
from moe.cli.fleet.key_rotation import after, rotated, split, variables_for


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for root in ROOTS:
        monkeypatch.delenv(root.variable, raising=False)
    monkeypatch.setenv("MOE_DATA_DIR", str(tmp_path))
    return tmp_path


def test_roots_are_made_once_each_of_its_own_and_private(data_dir: Path) -> None:
    made = made_roots(RootKeySettings.read(), data_dir)
    assert len({keys.current for keys in made.values()}) == len(ROOTS)
    assert {(data_dir / root.file).stat().st_mode & 0o777 for root in ROOTS} == {0o600}
    assert made_roots(RootKeySettings.read(), data_dir) == made


def test_what_an_old_data_folder_was_derived_from_becomes_a_previous_key(data_dir: Path) -> None:
    (data_dir / "signing.key").write_text(SIGNING_KEY)  # as before there was more than one root
    (data_dir / "audit.key").write_text("an audit key of its own")
    made = made_roots(RootKeySettings.read(), data_dir)
    assert made[AUDIT] == RootKeys("an audit key of its own")
    for root in (ENVELOPES, DATABASE, JOURNAL, PSEUDONYMS, NOTES):
        assert made[root].before == (SIGNING_KEY,)
    assert SIGNING_KEY not in {keys.current for keys in made.values()}
    assert made_roots(RootKeySettings.read(), data_dir) == made


def test_a_migration_that_broke_off_is_completed(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data_dir / "signing.key").write_text(SIGNING_KEY)
    (data_dir / "journal.key").write_text(RootKeys("a new key", (SIGNING_KEY,)).as_text())
    made = made_roots(RootKeySettings.read(), data_dir)
    assert made[JOURNAL] == RootKeys("a new key", (SIGNING_KEY,))
    assert made[PSEUDONYMS].before == made[ENVELOPES].before == (SIGNING_KEY,)


def test_services_apart_get_the_old_key_as_a_previous_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_SIGNING_KEY", SIGNING_KEY)
    variables = split()
    assert {variables[root.previous] for root in ROOTS} == {SIGNING_KEY}
    assert len({variables[root.variable] for root in ROOTS} - {SIGNING_KEY}) == len(ROOTS)


def test_an_announced_key_is_accepted_then_used_then_alone() -> None:
    start = RootKeys("old", ("older",))
    announced = after("announce", start, "new")
    assert (announced.current, announced.all) == ("old", ("old", "new", "older"))
    assert after("announce", announced, "another") == announced
    used = after("use", announced, "unused")
    assert used == RootKeys("new", ("old", "older"))
    assert after("retire", used, "unused") == RootKeys("new")


@pytest.mark.parametrize(
    "keys", [RootKeys("a"), RootKeys("a", ("b", "c"), "d"), RootKeys("a", (), "d")], ids=["one", "all", "announced"]
)
def test_keys_survive_files_and_variables(keys: RootKeys) -> None:
    assert RootKeys.read(keys.as_text()) == keys == RootKeys.of(keys.current, keys.previous)


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
async def test_every_root_is_rotated_in_the_data_directory_and_no_key_is_told(data_dir: Path, root: KeyRoot) -> None:
    made = made_roots(RootKeySettings.read(), data_dir)
    planned = await rotated(root.name, "use", "olga", dry_run=True)
    assert stored_keys(root, data_dir) == made[root]
    done = await rotated(root.name, "use", "olga", dry_run=False)
    kept = stored_keys(root, data_dir)
    assert kept is not None
    assert kept.before == (made[root].current,) != (kept.current,)
    told = json.dumps([done.as_json(), planned.as_json()]) + "".join(done.as_text()) + repr(done)
    assert [key for key in kept.all if key in told] == []
    assert [other for other in ROOTS if other != root and stored_keys(other, data_dir) != made[other]] == []


async def test_a_configured_key_is_not_kept_but_returned(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_SIGNING_KEY", SIGNING_KEY)
    done = await rotated("envelopes", "use", "olga", dry_run=False)
    assert done.variables["MOE_SIGNING_KEY_PREVIOUS"] == SIGNING_KEY != done.variables["MOE_SIGNING_KEY"]
    assert not (data_dir / "signing.key").exists()


def test_the_tool_server_is_shown_no_journal_or_database_key(data_dir: Path) -> None:
    made_roots(RootKeySettings.read(), data_dir)
    shown = variables_for("mcp")
    assert set(shown) == {"MOE_SIGNING_KEY", "MOE_DOWNLOADS_KEY", "MOE_DATABASE_PASSWORDS"}
    assert {entry.partition("=")[0] for entry in shown["MOE_DATABASE_PASSWORDS"].split(",")} == {
        "moe_authenticator",
        "moe_tool_admin",
    }
