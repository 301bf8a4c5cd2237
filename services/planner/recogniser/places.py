"""Named places as codes of countries and regions, and as zones of the time zone database."""

from collections.abc import Iterator

# The United Kingdom is omitted: it has no holidays of its own, and those of its parts differ. A name with a hyphen at
# its end is the stem of a German adjective.
_COUNTRIES = """
AR: argentina, argentinien, argentinian, argentinisch-
AT: austria, österreich, austrian, österreichisch-
AU: australia, australien, australian, australisch-
BE: belgium, belgien, belgian, belgisch-
BG: bulgaria, bulgarien, bulgarian, bulgarisch-
BR: brazil, brasilien, brazilian, brasilianisch-
CA: canada, kanada, canadian, kanadisch-
CH: switzerland, schweiz, swiss, schweizer, schweizerisch-
CL: chile, chilean, chilenisch-
CO: colombia, kolumbien, colombian
CY: cyprus, zypern
CZ: czech republic, czechia, tschechien, czech, tschechisch-
DE: germany, deutschland, german, deutsch-
DK: denmark, dänemark, danish, dänisch-
EE: estonia, estland, estonian, estnisch-
ES: spain, spanien, spanish, spanisch-
FI: finland, finnland, finnish, finnisch-
FR: france, frankreich, french, französisch-
GB-ENG: england
GB-NIR: northern ireland, nordirland
GB-SCT: scotland, schottland, scottish, schottisch-
GB-WLS: wales, welsh
GR: greece, griechenland, greek, griechisch-
HR: croatia, kroatien, croatian, kroatisch-
HU: hungary, ungarn, hungarian, ungarisch-
IE: ireland, irland, irish, irisch-
IN: india, indien, indian, indisch-
IS: iceland, island, icelandic, isländisch-
IT: italy, italien, italian, italienisch-
JP: japan, japanese, japanisch-
KR: south korea, südkorea, korean, koreanisch-
LT: lithuania, litauen, lithuanian, litauisch-
LU: luxembourg, luxemburg
LV: latvia, lettland, latvian, lettisch-
MT: malta, maltese
MX: mexico, mexiko, mexican, mexikanisch-
NL: netherlands, niederlande, niederlanden, holland, dutch, niederländisch-
NO: norway, norwegen, norwegian, norwegisch-
NZ: new zealand, neuseeland
PL: poland, polen, polish, polnisch-
PT: portugal, portuguese, portugiesisch-
RO: romania, rumänien, romanian, rumänisch-
RS: serbia, serbien, serbian, serbisch-
SE: sweden, schweden, swedish, schwedisch-
SG: singapore, singapur
SI: slovenia, slowenien, slovenian, slowenisch-
SK: slovakia, slowakei, slovak, slowakisch-
TR: turkey, türkei, turkish, türkisch-
UA: ukraine, ukrainian, ukrainisch-
US: united states, usa, us, vereinigten staaten, united states of america, the us, the usa, u.s., american
ZA: south africa, südafrika, south african, südafrikanisch-
DE-BB: brandenburg, brandenburgisch-
DE-BE: berlin
DE-BW: baden-württemberg, baden-wuerttemberg
DE-BY: bavaria, bayern, bavarian, bayerisch-, bayrisch-
DE-HB: bremen
DE-HE: hesse, hessen, hessisch-
DE-HH: hamburg
DE-MV: mecklenburg-vorpommern
DE-NI: lower saxony, niedersachsen, niedersächsisch-
DE-NW: north rhine-westphalia, nordrhein-westfalen, nrw
DE-RP: rhineland-palatinate, rheinland-pfalz
DE-SH: schleswig-holstein
DE-SL: saarland, saarländisch-
DE-SN: saxony, sachsen, saxon, sächsisch-
DE-ST: saxony-anhalt, sachsen-anhalt
DE-TH: thuringia, thüringen, thüringer
AT-1: burgenland
AT-2: kärnten, carinthia
AT-3: niederösterreich, lower austria
AT-4: oberösterreich, upper austria
AT-6: steiermark, styria
AT-7: tirol, tyrol
AT-8: vorarlberg
CH-AG: aargau
CH-GR: graubünden
CH-TG: thurgau
CH-TI: tessin, ticino
CH-VD: waadt, vaud
CH-VS: wallis, valais
CH-ZH: kanton zürich, canton of zurich
CA-AB: alberta
CA-BC: british columbia
CA-ON: ontario
CA-QC: quebec
AU-NSW: new south wales
AU-QLD: queensland
US-AZ: arizona
US-CA: california, kalifornien
US-CO: colorado
US-FL: florida
US-IL: illinois
US-MA: massachusetts
US-MI: michigan
US-OH: ohio
US-OR: oregon
US-PA: pennsylvania
US-TX: texas
"""
# cities of a German state with the same holidays all over it
_CITIES = """
DE-BW: stuttgart, karlsruhe, freiburg, mannheim, heidelberg
DE-BY: münchen, munich, nürnberg, nuremberg, regensburg
DE-HE: frankfurt, wiesbaden, kassel, darmstadt
DE-NI: hannover, hanover, braunschweig
DE-NW: köln, cologne, düsseldorf, dusseldorf, dortmund, bonn, münster
DE-RP: mainz
DE-SH: kiel, lübeck
DE-SN: leipzig, dresden, chemnitz
DE-ST: magdeburg
DE-TH: erfurt, jena
"""
# cities, and countries with one zone; `german time` and the like
_ZONES = """
Africa/Cairo: cairo, kairo, egypt, ägypten
Africa/Casablanca: casablanca, marokko, morocco
Africa/Johannesburg: cape town, kapstadt, johannesburg, south africa, südafrika
Africa/Lagos: lagos, nigeria
Africa/Nairobi: nairobi, kenya, kenia
America/Anchorage: anchorage, alaska
America/Argentina/Buenos_Aires: buenos aires
America/Bogota: bogota, bogotá, colombia, kolumbien
America/Caracas: caracas
America/Chicago: houston, dallas, chicago, austin, minneapolis, new orleans, us central time
America/Denver: denver, salt lake city, us mountain time
America/Detroit: detroit
America/Halifax: halifax
America/Havana: havana, havanna
America/Lima: lima, peru
America/Los_Angeles: seattle, los angeles, san francisco, san diego, las vegas, portland, silicon valley, california,
 kalifornien, us pacific time, pacific time
America/Mexico_City: mexiko-stadt, mexico city, mexiko stadt, mexico-city, ciudad de méxico
America/New_York: boston, miami, washington, new york, atlanta, philadelphia, us eastern time, eastern time,
 new york city, nyc
America/Phoenix: phoenix, arizona
America/Santiago: santiago
America/Sao_Paulo: sao paulo, rio de janeiro, são paulo
America/Toronto: montreal, toronto, ottawa
America/Vancouver: vancouver
Asia/Bangkok: bangkok, thailand
Asia/Colombo: colombo, sri lanka
Asia/Dhaka: dhaka, bangladesh
Asia/Dubai: dubai, abu dhabi
Asia/Ho_Chi_Minh: ho chi minh city, hanoi, vietnam
Asia/Hong_Kong: hong kong, hongkong
Asia/Jakarta: jakarta
Asia/Jerusalem: tel aviv, jerusalem, israel
Asia/Karachi: karachi, pakistan
Asia/Kathmandu: kathmandu, katmandu, nepal
Asia/Kolkata: kolkata, new delhi, bangalore, delhi, mumbai, neu-delhi, neu delhi, kalkutta, calcutta, bombay, chennai,
 hyderabad, bengaluru, pune, india, indien, indian time, indischer zeit, indische zeit
Asia/Kuala_Lumpur: kuala lumpur, malaysia
Asia/Manila: manila, philippines, philippinen
Asia/Qatar: doha, qatar, katar
Asia/Riyadh: riyadh, riad
Asia/Seoul: seoul, south korea, südkorea, korean time
Asia/Shanghai: beijing, peking, shanghai, shenzhen, china, chinese time, chinesischer zeit, chinesische zeit
Asia/Singapore: singapore, singapur
Asia/Taipei: taipei, taipeh, taiwan
Asia/Tashkent: tashkent, taschkent
Asia/Tehran: tehran, teheran
Asia/Tokyo: osaka, tokyo, tokio, kyoto, japan, japanese time, japanischer zeit, japanische zeit
Atlantic/Reykjavik: reykjavik, reykjavík, iceland
Australia/Adelaide: adelaide
Australia/Brisbane: brisbane
Australia/Darwin: darwin
Australia/Melbourne: melbourne
Australia/Perth: perth
Australia/Sydney: sydney, canberra
Europe/Amsterdam: amsterdam, rotterdam, netherlands, niederlande, niederlanden
Europe/Athens: athens, athen, greece, griechenland
Europe/Belgrade: belgrade, belgrad
Europe/Berlin: munich, münchen, hamburg, frankfurt, cologne, köln, berlin, stuttgart, düsseldorf, leipzig, dresden,
 germany, deutschland, german time, deutsche zeit, deutscher zeit
Europe/Brussels: brussels, brüssel, belgium, belgien
Europe/Bucharest: bucharest, bukarest
Europe/Budapest: budapest, hungary, ungarn
Europe/Copenhagen: copenhagen, kopenhagen, denmark, dänemark
Europe/Dublin: dublin, ireland, irland
Europe/Helsinki: helsinki, finland, finnland
Europe/Istanbul: istanbul, ankara, turkey, türkei
Europe/Kyiv: kyiv, kiew, kiev
Europe/Lisbon: lisbon, lissabon
Europe/London: edinburgh, london, manchester, glasgow, england, scotland, schottland, uk, united kingdom,
 großbritannien, british time, uk time, britischer zeit, britische zeit
Europe/Luxembourg: luxembourg, luxemburg
Europe/Madrid: barcelona, madrid
Europe/Moscow: moscow, moskau
Europe/Oslo: oslo, norway, norwegen
Europe/Paris: paris, lyon, france, frankreich, french time, französischer zeit, französische zeit
Europe/Prague: prague, prag, czech republic, tschechien
Europe/Riga: riga
Europe/Rome: milan, mailand, rome, rom, italy, italien, italian time, italienischer zeit
Europe/Sofia: sofia
Europe/Stockholm: stockholm, sweden, schweden
Europe/Tallinn: tallinn
Europe/Vienna: vienna, wien, austria, österreich, salzburg, graz, austrian time, österreichischer zeit
Europe/Vilnius: vilnius
Europe/Warsaw: warsaw, warschau, krakow, krakau, poland, polen
Europe/Zagreb: zagreb, croatia, kroatien
Europe/Zurich: geneva, genf, zurich, zürich, bern, basel, switzerland, schweiz, swiss time, schweizer zeit
Pacific/Auckland: wellington, auckland, new zealand, neuseeland
Pacific/Honolulu: honolulu, hawaii
UTC: gmt, utc, greenwich
"""


def _named(table: str) -> Iterator[tuple[str, str]]:
    """Yield each name of a table with its code."""
    for line in table.strip().replace("\n ", " ").splitlines():
        code, _, names = line.partition(": ")
        for name in names.split(", "):
            stem = name.removesuffix("-")
            forms = [name] if stem == name else [stem + ending for ending in ("e", "en", "er", "es")]
            yield from ((form.strip(), code) for form in forms)


def _places(table: str) -> dict[str, tuple[str, str | None]]:
    return {name: (code[:2], code[3:] or None) for name, code in _named(table)}


COUNTRIES = _places(_COUNTRIES)
_ANY_PLACES = {**_places(_CITIES), **COUNTRIES}
ANY_PLACE = "|".join(sorted(_ANY_PLACES, key=len, reverse=True))
PLACE = f"(?P<place>{ANY_PLACE})"
ZONES = dict(_named(_ZONES))
ANY_ZONE = (
    r"(?:africa|america|antarctica|asia|atlantic|australia|europe|indian|pacific)/[a-z_+-]{2,30}(?:/[a-z_]{2,20})?|"
    + "|".join(sorted(ZONES, key=len, reverse=True))
)


def zone(name: str) -> str:
    """Pattern of a zone or a city."""
    return f"(?P<{name}>{ANY_ZONE})"


def zone_of(written: str) -> str:
    """The zone of a city, or of `Berliner` before `Zeit`; a zone stays as written."""
    name = written.lower()
    return ZONES.get(name) or ZONES.get(name.removesuffix("er"), written)


def country_of(name: str) -> dict[str, str]:
    """The country, and the region if the place is one."""
    country, region = _ANY_PLACES[name]
    return {"country": country} if region is None else {"country": country, "region": region}
