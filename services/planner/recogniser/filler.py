"""Words without a meaning of their own in a request: courtesy, articles, copulas, prepositions, verbs of finding.

Words that change a request are omitted on purpose: negations, `why`, `explain`, `how` alone, `would` with a condition.
"""

from services.planner.recogniser.numerals import Tongue


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = words("""
a an the this that these those of for to in into as on at by with from and using is are was were be being been am it
it's its that's there here what what's whats which whichever how's much many would will can could may shall you your
i i'd i'm i've i'll me my we our please pls plz kindly tell telling give giving gimme show let let's lets know need
needed want wanted wondering wonder looking look search searching find finding get getting got calculate calculating
calculation compute computing determine determining evaluate out figure solve help do does did doing have has had
having just quick quickly simply only exact exactly precise result results answer value values number numbers
question following given hi hey hello there ok okay so well yo um thanks thank thx cheers advance mind if whether
equal equals equivalent able must should go ahead trying try ask asking say between both two name state provide
return display see actually again now possible possibly maybe perhaps real wanna gotta lemme curious quickest over
made whole their they them going gonna look looks different represent represents roughly approximately approx hmm
anyone someone somebody uh oh ah assistant computer fits fit into some quick hand please exact value kindest
mum mom dad wife husband colleague colleagues brother sister son daughter kid kids client customer
teacher inside grandma grandpa neighbour neighbor roommate
remember recall currently there here
""")
_GERMAN = words("""
der die das den dem des ein eine einen einem einer eines von vom aus für im in ins am an auf als zu zum zur bei mit
nach um und ist sind war waren wird wäre wären sei lautet lauten beträgt betragen ergibt ergeben mach mache gibt es
was welche welcher welches welchen welchem wie viel viele vielen wieviel wieviele groß hoch bitte mal mir uns mich
ich du sie man wir kannst könntest kann können könnten würdest würden würde wissen weißt weiß sagen sag sage gib
geben nenn nenne nennen zeig zeige zeigen brauche brauchen bräuchte suche möchte will wollen muss müssen soll sollen
sollst gern gerne ob interessiert berechne berechnen ausrechnen rechne rechnen bestimme bestimmen ermittle ermitteln
finde finden herausfinden heraus raus kommt macht machen hat haben hallo hi moin hey servus danke dank schnell kurz
kurze frage ergebnis wert werte werten zahl zahlen folgende folgenden folgender folgendes nur genau genaue genauen
genauer dieser diese dieses diesen diesem denn eigentlich also so helfen hilf dass gegeben zwischen bedeutet
entspricht entsprechen sieht aussehen wüsste sagst gibst nennst schau schauen nachschauen eben gerade einfach alle
beiden beide zwei jetzt dann ja doch wohl noch schon nochmal hätte bekomme erhalte liste auflisten angeben ausgeben
insgesamt zusammen schätze bräuchten hatten hatte hättest hätten ungefähr etwa circa ähm hm hast habt lass verrate
verraten heißt heisst lassen sich lässt stelle dar nochmals war's daraus draus davon heraus drauf bestimmt
darstellen umfasst jemand mutter mama vater papa frau mann bruder schwester sohn tochter kind kinder kollege kollegin
kollegen chef kunde kunden
lehrer lehrerin oma opa nachbar gesucht sucht suchen berechnet hier da mein meine meinen meiner unser unsere
""")
_IN_PHRASES = frozenset(
    {
        "work out",
        "working out",
        "tell us",
        "give us",
        "show us",
        "would like",
        "i'd like",
        "how many",
        "how much",
        "look like",
        "looks like",
    }
)
_LEFT_OPEN = words("in of for the a an at by with der die das dem den des von für mit ein eine im")
_BOTH = _ENGLISH & _GERMAN | {"was", "in", "am", "an", "so", "will", "also", "hi", "hey", "man", "mir"}


def is_filler(word: str) -> bool:
    """True if a lower-case word requests nothing by itself."""
    return word in _ENGLISH or word in _GERMAN or word in _IN_PHRASES


def is_left_open(word: str) -> bool:
    """True if another word must follow: a question that ends in this word is truncated."""
    return word in _LEFT_OPEN


def tongue_of_filler(word: str) -> Tongue:
    """The language of a word that only one of the two has, else None."""
    if word in _BOTH:
        return None
    return "en" if word in _ENGLISH else "de" if word in _GERMAN else None
