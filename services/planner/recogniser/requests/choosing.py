"""The number of ways to choose or to arrange."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import COUNT, count_of

_ORDERED = re.compile(r"permutation|arrangement|anordnung")
_UNORDERED = re.compile(r"combination|kombination|committee")
_HOW_MANY = re.compile(r"how many|number of|wie ?viele|anzahl|possible|mögliche")
_PODIUM = (
    r"(?i:(?:1st|first),? (?:and )?(?:2nd|second)(?:,? and (?:3rd|third))?(?: places?| prizes?)?"
    r"|gold,? (?:and |und )?silver(?:,? and bronze)?|gold,? (?:und )?silber(?:,? und bronze)?"
    r"|erste[rnms]?,? (?:und )?zweite[rnms]?(?:,? und dritte[rnms]?)?(?: plätze| platz| preis)?"
    r"|(?:places|plätze[n]?|ranks|ränge|positions)"
    r" (?:1|one|eins) (?:to|bis|through|-) (?:[2-6]|two|three|four|zwei|drei|vier)"
    r"|top (?:[2-6]|two|three|four|five)|(?:the )?first (?:[2-6]|two|three|four|five) places"
    r"|(?:die )?ersten (?:[2-6]|zwei|drei|vier|fünf) plätze)(?!\w)"
)
_SYMBOL = r"(?<![\w.])n?C(?:r)?\(\d{1,4} ?[,;] ?\d{1,4}\)"
_DRAW = r"(?<![\w.,])\d{1,3} (?:aus|out of|from) \d{1,4}(?![\w]|[.,]\d)"


def _chosen(reading: Reading) -> ToolCall | None:
    lowered = reading.text.lower()
    numbers = sorted(number for text in reading.all("n") if (number := count_of(text)) is not None)
    is_ordered = reading.has("ordered") or _ORDERED.search(lowered) is not None
    is_unordered = reading.has("unordered") or _UNORDERED.search(lowered) is not None
    if reading.all("podium"):
        numbers, is_ordered = sorted([*numbers, _places(reading.only("podium"))]), True
    if symbol := reading.only("symbol"):
        numbers += [int(number) for number in reversed(re.findall(r"\d+", symbol))]  # the larger set is first
        is_unordered = True
    if reading.all("draw"):
        numbers += [int(number) for number in re.findall(r"\d+", reading.only("draw"))]
        is_unordered = not is_ordered
    if len(numbers) != 2 or not 0 < numbers[0] <= numbers[1]:
        return None
    if not (_HOW_MANY.search(lowered) or reading.all("symbol")) or is_ordered == is_unordered:
        return None
    operation = "permutation" if is_ordered else "combination"
    return ToolCall("exact_probability", {"operation": operation, "n": numbers[1], "k": numbers[0]})


def _places(podium: str) -> int:
    """3 for `gold, silver and bronze` and for `places 1 to 3`."""
    lowered = podium.lower()
    if "bronze" in lowered or "third" in lowered or "3rd" in lowered or "dritte" in lowered:
        return 3
    numbers = [number for word in re.findall(r"\w+", lowered) if (number := count_of(word)) is not None and number > 1]
    return numbers[-1] if numbers else 2


REQUESTS = (
    Request(
        ("hand", "order", "anordn", "reihe", "possib", "ways", "möglich", "arten", "arrang", "line-up", "lineup",
         "combin", "kombin", "permut",
         "choose",         "team", "tickets", "tipp", "c(", "cr("),
        {"symbol": _SYMBOL, "podium": _PODIUM, "draw": _DRAW, "n": COUNT},
        {
            "ordered": r"(?:in )?(?:a )?(?:particular |specific |fixed )?order (?:matters|counts|is important)|podium"
            r"|der reihe nach|reihenfolge (?:zählt|wichtig)|mit reihenfolge"
            r"|arrang(?:e|ed|ements?)(?: in a row)?|permutations?|permutationen|anordnungen|how many orders|anzuordnen"
            r"|orders|orderings|medal(?:s|len)|medaillen|(?:on|onto) (?:a|the) (?:book)?shelf|(?:ins?|im|auf das) "
            r"(?:bücher)?regal|in a (?:row|line)|in order|nebeneinander|in einer reihe|lined up|ranked|angeordnet"
            r"|anordnen"
            r"|siegertreppchen|siegerpodest",
            "unordered": r"(?:the )?order (?:doesn['\u2019]t|does not) matter"
            r"|(?:the )?order (?:is )?(?:irrelevant|unimportant)|ohne reihenfolge"
            r"|(?:die )?reihenfolge (?:ist |spielt )?(?:egal|keine rolle)"
            r"|hands?|combinations?|kombinationen|committees?|teams?|line-?ups?|chooses?|pick(?:s|ed)?"
            r"|selects?|selected|chosen"
            r"|drawn|auswahlen|auszuwählen|auswählen|aussuchen|ausgewählt",
            "ways": r"(?:in )?(?:how many|number of|wie ?viele|anzahl(?: der)?)(?: (?:possible|different|mögliche[nr]?"
            r"|verschiedene[nr]?|ways|orders?|arrangements|permutations|combinations|teams|committees|hands|anordnungen"
            r"|möglichkeiten|kombinationen|permutationen|auswahlen|arten|weisen|tickets|tipps))*|possible hands",
        },
        _chosen,
        words(
            "book send sends them festival delegates delegierte vorstand ausschuss deck cards card draw drawn runners"
            " race possible books people persons students order club members"
            " medals medaillen seats places plätze plätzen plätzen spieler players people leute leuten kinder"
            " kindern schüler take taken awarded finish belegen vergeben verteilt won swimmers horses athletes"
            " schülern studenten läufern sprinter different verschiedene verschieden out ways pupils children friends"
            " team teams group groups gruppe gruppen top ranked ranking three-course lotto lottery lotterie"
            " numbers balls among beim unter"
            " karten bücher personen regal läufer kugeln elements items letters toppings pizza flags if wenn when"
            " photos fotos bilder pictures hung coach starting trainer kommen placed put stehen gestellt"
            " verschiedenen büchern songs playlist schwimmer schwimmern pferde"
            " teilnehmer teilnehmern contestants candidates kandidaten letters buchstaben colours farben auf"
        ),
        4,
    ),
)  # fmt: skip
