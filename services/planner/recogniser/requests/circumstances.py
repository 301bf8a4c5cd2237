"""Words of everyday life in which a value occurs: occasions, people, places, belongings, and what is done with them.

They describe where a value comes from, and request nothing. No word of a tool's subject belongs here, and none that
asks for text, advice, or an act.
"""

from services.planner.recogniser.filler import words

# nouns, and the words that go with them
THINGS = words("""
tattoo birth birthday wedding party trip vacation journey tour cruise class lesson lecture course exam quiz homework
exercise exercises sheet worksheet textbook university college office company department boss manager secretary
landlord tenant supplier vendor contract lease subscription membership insurance policy warranty invoice delivery
parcel package shop store supermarket market garden kitchen house flat apartment room hall cellar wall fence floor
roof car van bike bicycle boat tent sofa table desk shelf box bag jar crate suitcase bottle bottles cup mug plate
recipe cake soup steak cream flour milk dough sauce sleep mood nap patient doctor nurse hospital clinic dog cat horse
puppy kitten pet baby toddler plant tree roses tulips bouquet sensor device machine server router laptop phone tablet
printer monitor debugger console terminal database column row field record config settings app website webpage
header response backend frontend client ticket project sprint deployment build pipeline fixture runner runners race
relay match player players coach concert stream festival show cinema museum church bell tower monument statue
gravestone tombstone grave coin medal medals stamp map sign label sticker poster invitation card form document slide
presentation spreadsheet diary calendar notebook pen pencil shirt jacket shoes coat dress sofa lamp bulb window door
tank pool pond bath barrel bucket truck lorry ship ferry rocket satellite telescope lab laboratory experiment grandad
granddad grandfather grandmother uncle aunt cousin nephew niece friend friends buddy pal flatmate pupil pupils student
students child children guest guests visitor visitors neighbours neighbors tenants workers employees staff crew
american british german european
normal ordinary usual fair new fresh own local online latest entire little big large tiny tired old-fashioned same
identical several various few single double fancy sorry pretty whole further next following away ago once twice
tall wide heavy again just apart along back then sometime someday honest honestly
tätowierung geburt geburtstag hochzeit feier fest party reise ausflug fahrt auto wagen rad fahrrad boot zelt haus
wohnung zimmer garten küche wand zaun boden dach tisch schrank regal kiste karton tasche koffer flasche flaschen paket
päckchen lieferung bestellung rechnung vertrag mietvertrag abo abonnement mitgliedschaft versicherung garantie
kündigung frist termin besprechung sitzung schulung seminar vorlesung unterricht klassenarbeit übung übungsblatt
aufgabe aufgabenblatt hausaufgabe hausaufgaben arbeitsblatt lehrbuch schule uni universität firma büro abteilung
team chefin vermieter vermieterin mieter mieterin kundin lieferant lieferantin laden geschäft supermarkt rezept kuchen
teig suppe fleisch mehl sahne milch soße schlaf laune stimmung patient patientin arzt ärztin krankenhaus praxis hund
hündin katze kater pferd baby pflanze baum rosen tulpen strauß sensor gerät maschine server router rechner laptop
handy drucker bildschirm konsole skript datenbank tabelle spalte datei konfiguration einstellungen webseite homepage
projekt sprint läufer läuferin rennen wettlauf spiel mannschaft spieler spielerin trainer konzert festival kino museum
kirche kirchturm glocke turm denkmal grabstein grab inschrift münze medaille medaillen schild etikett aufkleber plakat
einladung formular dokument bericht protokoll präsentation kalender tagebuch notizbuch stift hemd jacke mantel kleid
lampe fenster tür tank teich becken fass eimer lkw lastwagen schiff fähre rakete satellit labor experiment versuch
großvater großmutter onkel tante cousin cousine neffe nichte freund freundin freunde schüler schülerin schülern
studenten gast gäste besucher nachbarn nachbarin mitarbeiter mauerbau mauerfall umzug einzug auszug silvester
normale normalen normaler normales gewöhnliche gewöhnlichen gewöhnlicher üblich übliche üblichen neu neue neuen neuer
neues frisch ganze ganzen ganzes klein kleine kleinen kleiner kleines großer großen großes eigene eigenen gleiche
gleichen verschiedene verschiedenen mehrere mehreren einzelne einzelnen weit fern her hin weg damals lang kurz spät
ausgeschrieben bekanntlich nämlich demnach somit folglich einmal zweimal beziehungsweise respektive zwar
erst er sie ihm ihn ihr ihnen
""")
# verbs: something happens to a value, or is done with it
EVENTS = words("""
began begun started ended finished wrapped lasted moved left arrived arrives arrive departs departed came comes went
goes got gets gave ordered paid owed borrowed returned booked signed issued expired expires expire died married
retired joined measured weighed counted tracked recorded collected logged noted typed copied pasted scanned shows
displays displayed prints printed reads says said tells told asks asked wants needs used uses using hits reaches falls
lands sits lies lay stands stood hangs carved engraved painted wrote written sent gotten received serves owns holds
looks seems appears belongs spell bother
begann begonnen beginnt anfing angefangen endet endete geendet zog eingezogen ausgezogen umgezogen kam gekommen ging
gegangen fuhr gefahren fährt flog geflogen starb gestorben geheiratet gekauft bestellt bezahlt geliehen ausgeliehen
zurückgegeben gebucht unterschrieben ausgestellt abgelaufen fällig gemessen gewogen gezählt aufgezeichnet notiert
erfasst bekommen erhalten geschickt getippt kopiert gescannt sehe sieht steht stehen stand liegt liegen lag lagen hängt
eingraviert graviert geschrieben gemalt benutzt gebraucht dauert dauerte verging vergingen bin bist war warst wurde
worden gewesen gemeint gehört gehören zeigt zeigte meldet fehlt reicht
""")
