"""Which migrations are to be applied is decided without a database."""

import pytest

from libs.adapters.postgres.migrate import Migration, pending, shipped
from libs.core.errors import ConfigurationError

ONE, TWO, THREE = (Migration(f"000{number}_m.sql", f"SELECT {number}") for number in (1, 2, 3))


def applied(*migrations: Migration) -> dict[str, str]:
    return {migration.name: migration.sha256 for migration in migrations}


def test_an_empty_database_gets_all_in_order() -> None:
    assert pending((ONE, TWO, THREE), {}) == (ONE, TWO, THREE)


def test_what_was_applied_is_not_applied_again() -> None:
    assert pending((ONE, TWO, THREE), applied(ONE, TWO)) == (THREE,)


def test_an_older_version_lives_with_a_newer_database() -> None:
    assert pending((ONE,), applied(ONE, TWO)) == ()


def test_a_changed_file_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"migration 0001_m\.sql differs"):
        pending((Migration(ONE.name, "SELECT 9"), TWO), applied(ONE))


def test_a_migration_that_was_skipped_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"0002_m\.sql was skipped"):
        pending((ONE, TWO, THREE), applied(ONE, THREE))


def test_the_shipped_files_are_numbered_without_gaps() -> None:
    numbers = [int(migration.name.split("_")[0]) for migration in shipped()]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    assert numbers
