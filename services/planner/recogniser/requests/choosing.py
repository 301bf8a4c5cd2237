"""The number of ways to choose or to arrange."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import COUNT, count_of

_ORDERED = re.compile(r"permutation|arrangement|anordnung")
_UNORDERED = re.compile(r"combination|kombination|committee")
_HOW_MANY = re.compile(r"how many|number of|wie ?viele|anzahl")


def _chosen(reading: Reading) -> ToolCall | None:
    numbers = sorted(number for text in reading.all("n") if (number := count_of(text)) is not None)
    lowered = reading.text.lower()
    is_ordered = reading.has("ordered") or _ORDERED.search(lowered) is not None
    is_unordered = reading.has("unordered") or _UNORDERED.search(lowered) is not None
    if len(numbers) != 2 or not _HOW_MANY.search(lowered) or is_ordered == is_unordered:
        return None
    operation = "permutation" if is_ordered else "combination"
    return ToolCall("exact_probability", {"operation": operation, "n": numbers[1], "k": numbers[0]})


REQUESTS = (
    Request(
        (
            "hand",
            "order",
            "anordn",
            "reihe",
            "possib",
            "ways",
            "möglich",
            "combin",
            "kombin",
            "permut",
            "choose",
            "team",
        ),
        {"n": COUNT},
        {
            "ordered": r"(?:in )?(?:a )?(?:particular |specific |fixed )?order (?:matters|counts|is important)|podium"
            r"|first (?:two|three|four|2|3|4) places|der reihe nach|reihenfolge (?:zählt|wichtig)|mit reihenfolge"
            r"|arrang(?:e|ed|ements?)(?: in a row)?|permutations?|permutationen|anordnungen|how many orders|anzuordnen"
            r"|orders|orderings",
            "unordered": r"(?:the )?order (?:doesn['\u2019]t|does not) matter|ohne reihenfolge"
            r"|reihenfolge (?:ist )?egal"
            r"|hands?|combinations?|kombinationen|committees?|teams?|choose|pick(?:ed)?|select(?:ed)?|chosen"
            r"|drawn|auswahlen|auszuwählen",
            "ways": r"(?:how many|number of|wie ?viele|anzahl(?: der)?)(?: (?:possible|different|mögliche[nr]?"
            r"|verschiedene[nr]?|ways|orders?|arrangements|permutations|combinations|teams|committees|hands|anordnungen"
            r"|möglichkeiten|kombinationen|permutationen|auswahlen))*|possible hands",
        },
        _chosen,
        words(
            "deck cards card draw drawn runners race possible books people persons students order club members"
            " medals medaillen seats places plätze plätzen plätzen spieler players people leute leuten kinder"
            " kindern schüler"
            " schülern studenten läufern sprinter different verschiedene verschieden out ways pupils children friends"
            " team teams group groups gruppe gruppen top ranked ranking three-course"
            " karten bücher personen regal läufer kugeln elements items letters toppings pizza flags"
        ),
        4,
    ),
)
