"""The tables accept exactly the kinds that the code knows."""

import re

from libs.adapters.postgres.migrate import shipped
from libs.ports.identity import GRANT_KINDS


def test_the_kinds_of_grants_are_the_same_in_the_database() -> None:
    directory = next(each for each in shipped() if each.name == "0007_directory.sql")
    listed = re.search(r"kind IN \(([^)]*)\)", directory.sql)
    assert listed is not None
    assert tuple(re.findall(r"'(\w+)'", listed[1])) == GRANT_KINDS
