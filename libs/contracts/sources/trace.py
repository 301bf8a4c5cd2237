"""The trace that the judge writes before an answer: no plan holds it."""

from libs.contracts.answer import WriteTrace
from libs.contracts.part_source import PartSource

SOURCE = PartSource("trace", 0, "merger", (WriteTrace,))
