"""Named places as codes of countries and regions, and as zones of the time zone database."""

# The United Kingdom is omitted: it has no holidays of its own, and those of its parts differ.
COUNTRIES = {
    "french": ("FR", None), "italian": ("IT", None), "spanish": ("ES", None), "austrian": ("AT", None),
    "swiss": ("CH", None), "polish": ("PL", None), "dutch": ("NL", None), "belgian": ("BE", None),
    "japanese": ("JP", None), "canadian": ("CA", None), "swedish": ("SE", None), "danish": ("DK", None),
    "norwegian": ("NO", None), "deutsche": ("DE", None), "deutschen": ("DE", None), "österreichische": ("AT", None),
    "österreichischen": ("AT", None), "schweizer": ("CH", None), "französische": ("FR", None),
    "französischen": ("FR", None),
    "germany": ("DE", None), "deutschland": ("DE", None), "german": ("DE", None), "austria": ("AT", None),
    "österreich": ("AT", None), "switzerland": ("CH", None), "schweiz": ("CH", None), "france": ("FR", None),
    "frankreich": ("FR", None), "italy": ("IT", None), "italien": ("IT", None), "spain": ("ES", None),
    "spanien": ("ES", None), "poland": ("PL", None), "polen": ("PL", None), "netherlands": ("NL", None),
    "niederlande": ("NL", None), "niederlanden": ("NL", None), "belgium": ("BE", None), "belgien": ("BE", None),
    "united states": ("US", None), "usa": ("US", None), "us": ("US", None), "vereinigten staaten": ("US", None),
    "england": ("GB", "ENG"), "wales": ("GB", "WLS"), "scotland": ("GB", "SCT"), "schottland": ("GB", "SCT"),
    "northern ireland": ("GB", "NIR"), "nordirland": ("GB", "NIR"),
    "portugal": ("PT", None), "ireland": ("IE", None), "irland": ("IE", None), "greece": ("GR", None),
    "griechenland": ("GR", None), "czech republic": ("CZ", None), "czechia": ("CZ", None), "tschechien": ("CZ", None),
    "hungary": ("HU", None), "ungarn": ("HU", None), "finland": ("FI", None), "finnland": ("FI", None),
    "luxembourg": ("LU", None), "luxemburg": ("LU", None), "croatia": ("HR", None), "kroatien": ("HR", None),
    "slovenia": ("SI", None), "slowenien": ("SI", None), "slovakia": ("SK", None), "slowakei": ("SK", None),
    "romania": ("RO", None), "rumänien": ("RO", None), "bulgaria": ("BG", None), "bulgarien": ("BG", None),
    "brazil": ("BR", None), "brasilien": ("BR", None), "mexico": ("MX", None), "mexiko": ("MX", None),
    "argentina": ("AR", None), "argentinien": ("AR", None), "chile": ("CL", None), "australia": ("AU", None),
    "australien": ("AU", None), "new zealand": ("NZ", None), "neuseeland": ("NZ", None), "india": ("IN", None),
    "indien": ("IN", None), "south africa": ("ZA", None), "südafrika": ("ZA", None), "turkey": ("TR", None),
    "türkei": ("TR", None), "iceland": ("IS", None), "island": ("IS", None), "estonia": ("EE", None),
    "estland": ("EE", None), "latvia": ("LV", None), "lettland": ("LV", None), "lithuania": ("LT", None),
    "litauen": ("LT", None), "ukraine": ("UA", None), "south korea": ("KR", None), "südkorea": ("KR", None),
    "united states of america": ("US", None), "the us": ("US", None), "the usa": ("US", None), "u.s.": ("US", None),
    "holland": ("NL", None), "portuguese": ("PT", None), "irish": ("IE", None), "american": ("US", None),
    "australian": ("AU", None), "mexican": ("MX", None), "brazilian": ("BR", None), "japan": ("JP", None),
    "canada": ("CA", None), "kanada": ("CA", None), "sweden": ("SE", None),
    "schweden": ("SE", None), "denmark": ("DK", None), "dänemark": ("DK", None), "norway": ("NO", None),
    "norwegen": ("NO", None), "baden-württemberg": ("DE", "BW"), "bavaria": ("DE", "BY"), "bayern": ("DE", "BY"),
    "berlin": ("DE", "BE"), "brandenburg": ("DE", "BB"), "bremen": ("DE", "HB"), "hamburg": ("DE", "HH"),
    "hesse": ("DE", "HE"), "hessen": ("DE", "HE"), "mecklenburg-vorpommern": ("DE", "MV"),
    "lower saxony": ("DE", "NI"), "niedersachsen": ("DE", "NI"), "north rhine-westphalia": ("DE", "NW"),
    "nordrhein-westfalen": ("DE", "NW"), "nrw": ("DE", "NW"), "rhineland-palatinate": ("DE", "RP"),
    "rheinland-pfalz": ("DE", "RP"), "saarland": ("DE", "SL"), "saxony": ("DE", "SN"), "sachsen": ("DE", "SN"),
    "saxony-anhalt": ("DE", "ST"), "sachsen-anhalt": ("DE", "ST"), "schleswig-holstein": ("DE", "SH"),
    "thuringia": ("DE", "TH"), "thüringen": ("DE", "TH"),
}  # fmt: skip
ANY_PLACE = "|".join(sorted(COUNTRIES, key=len, reverse=True))
PLACE = f"(?P<place>{ANY_PLACE})"

ZONES = {
    "boston": "America/New_York", "miami": "America/New_York",
    "washington": "America/New_York", "seattle": "America/Los_Angeles", "vancouver": "America/Vancouver",
    "montreal": "America/Toronto", "houston": "America/Chicago", "dallas": "America/Chicago",
    "honolulu": "Pacific/Honolulu", "buenos aires": "America/Argentina/Buenos_Aires", "sao paulo": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo", "santiago": "America/Santiago", "bogota": "America/Bogota",
    "lima": "America/Lima", "mexiko-stadt": "America/Mexico_City", "dublin": "Europe/Dublin",
    "edinburgh": "Europe/London", "munich": "Europe/Berlin", "münchen": "Europe/Berlin", "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin", "cologne": "Europe/Berlin", "köln": "Europe/Berlin", "milan": "Europe/Rome",
    "mailand": "Europe/Rome", "barcelona": "Europe/Madrid", "geneva": "Europe/Zurich", "genf": "Europe/Zurich",
    "budapest": "Europe/Budapest", "bucharest": "Europe/Bucharest", "bukarest": "Europe/Bucharest",
    "kyiv": "Europe/Kyiv", "kiew": "Europe/Kyiv", "reykjavik": "Atlantic/Reykjavik", "nairobi": "Africa/Nairobi",
    "lagos": "Africa/Lagos", "cape town": "Africa/Johannesburg", "kapstadt": "Africa/Johannesburg",
    "tel aviv": "Asia/Jerusalem", "jakarta": "Asia/Jakarta", "manila": "Asia/Manila", "taipei": "Asia/Taipei",
    "kolkata": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "karachi": "Asia/Karachi",
    "kathmandu": "Asia/Kathmandu", "osaka": "Asia/Tokyo", "brisbane": "Australia/Brisbane", "perth": "Australia/Perth",
    "adelaide": "Australia/Adelaide", "wellington": "Pacific/Auckland", "gmt": "UTC",
    "amsterdam": "Europe/Amsterdam", "athens": "Europe/Athens", "athen": "Europe/Athens",
    "auckland": "Pacific/Auckland",
    "bangkok": "Asia/Bangkok", "beijing": "Asia/Shanghai", "peking": "Asia/Shanghai", "berlin": "Europe/Berlin",
    "brussels": "Europe/Brussels", "brüssel": "Europe/Brussels", "cairo": "Africa/Cairo", "kairo": "Africa/Cairo",
    "chicago": "America/Chicago", "copenhagen": "Europe/Copenhagen", "kopenhagen": "Europe/Copenhagen",
    "delhi": "Asia/Kolkata", "denver": "America/Denver", "dubai": "Asia/Dubai", "helsinki": "Europe/Helsinki",
    "hong kong": "Asia/Hong_Kong", "hongkong": "Asia/Hong_Kong", "istanbul": "Europe/Istanbul",
    "johannesburg": "Africa/Johannesburg", "lisbon": "Europe/Lisbon", "lissabon": "Europe/Lisbon",
    "london": "Europe/London", "los angeles": "America/Los_Angeles", "madrid": "Europe/Madrid",
    "melbourne": "Australia/Melbourne", "mexico city": "America/Mexico_City", "moscow": "Europe/Moscow",
    "moskau": "Europe/Moscow", "mumbai": "Asia/Kolkata", "new york": "America/New_York", "oslo": "Europe/Oslo",
    "paris": "Europe/Paris", "prague": "Europe/Prague", "prag": "Europe/Prague", "rome": "Europe/Rome",
    "rom": "Europe/Rome", "san francisco": "America/Los_Angeles", "são paulo": "America/Sao_Paulo",
    "seoul": "Asia/Seoul", "shanghai": "Asia/Shanghai", "singapore": "Asia/Singapore", "singapur": "Asia/Singapore",
    "stockholm": "Europe/Stockholm", "sydney": "Australia/Sydney", "tokyo": "Asia/Tokyo", "tokio": "Asia/Tokyo",
    "toronto": "America/Toronto", "utc": "UTC", "vienna": "Europe/Vienna", "wien": "Europe/Vienna",
    "warsaw": "Europe/Warsaw", "warschau": "Europe/Warsaw", "zurich": "Europe/Zurich", "zürich": "Europe/Zurich",
}  # fmt: skip
ANY_ZONE = (
    r"(?:africa|america|antarctica|asia|atlantic|australia|europe|indian|pacific)/[a-z_+-]{2,30}(?:/[a-z_]{2,20})?|"
    + "|".join(sorted(ZONES, key=len, reverse=True))
)


def zone(name: str) -> str:
    """Pattern of a zone or a city."""
    return f"(?P<{name}>{ANY_ZONE})"


def zone_of(written: str) -> str:
    """The zone of a city; a zone stays as written."""
    return ZONES.get(written.lower(), written)


def country_of(name: str) -> dict[str, str]:
    """The country, and the region if the place is one."""
    country, region = COUNTRIES[name]
    return {"country": country} if region is None else {"country": country, "region": region}
