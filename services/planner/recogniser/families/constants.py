"""Physical constants by their English and German names."""

# the name of the tool, and the other names as patterns in both languages
_CONSTANTS: tuple[tuple[str, str, str], ...] = (
    ("speed of light in vacuum", "speed of light(?: in (?:a )?vacuum)?|light speed",
     "lichtgeschwindigkeit(?: im vakuum)?"),
    ("reduced Planck constant", "reduced planck(?:'s)? constant|h-?bar|ħ|dirac constant",
     "reduzierte[sn]? planck(?:-| |sche |sches )?(?:konstante|wirkungsquantum)|ħ"),
    ("Planck constant", "planck(?:'s)? constant",
     "plancksche[snr]? (?:wirkungsquantums?|konstante)|planck(?:-| )?konstante"),
    ("Avogadro constant", "avogadro(?:'s)? (?:constant|number)|n_a", "avogadro(?:-| )?(?:konstante|zahl)"),
    ("Boltzmann constant", "boltzmann(?:'s)? constant|k_b", "boltzmann(?:-| )?konstante"),
    ("molar gas constant", "(?:molar |universal |ideal )?gas constant",
     "(?:universelle |allgemeine |molare )?gaskonstante"),
    ("Newtonian constant of gravitation",
     "(?:universal |newtonian )?gravitational constant|newton(?:'s)? (?:gravitational )?constant(?: of gravitation)?"
     "|constant of gravitation", "(?:newtonsche |universelle )?gravitationskonstante"),
    ("elementary charge", "elementary charge|charge of (?:an|the) electron|electron charge", "elementarladung"),
    ("electron mass", "(?:electron (?:rest )?mass|(?:rest )?mass of (?:an|the) electron)|m_e",
     "(?:elektronen(?:ruhe)?|elektron-)masse|(?:ruhe)?masse (?:eines|des) elektrons"),
    ("proton mass", "(?:proton (?:rest )?mass|(?:rest )?mass of (?:a|the) proton)|m_p",
     "protonen(?:ruhe)?masse|(?:ruhe)?masse (?:eines|des) protons"),
    ("neutron mass", "(?:neutron (?:rest )?mass|mass of (?:a|the) neutron)|m_n",
     "neutronen(?:ruhe)?masse|(?:ruhe)?masse (?:eines|des) neutrons"),
    ("muon mass", "muon mass|mass of (?:a|the) muon", "myon(?:en)?masse|masse (?:eines|des) myons"),
    ("alpha particle mass", "alpha particle mass|mass of an alpha particle", "masse (?:eines|des) alphateilchens"),
    ("Rydberg constant", "rydberg constant", "rydberg(?:-| )?konstante"),
    ("Faraday constant", "faraday(?:'s)? constant", "faraday(?:-| )?konstante"),
    ("Stefan-Boltzmann constant", "stefan[- ]boltzmann constant", "stefan-boltzmann-?konstante"),
    ("fine-structure constant", "fine[- ]structure constant", "(?:sommerfeldsche )?feinstrukturkonstante"),
    ("Bohr radius", "bohr radius", "bohrsche(?:r|n)? radius"),
    ("Bohr magneton", "bohr magneton", "bohrsche[ns]? magnetons?"),
    ("nuclear magneton", "nuclear magneton", "kernmagnetons?"),
    ("vacuum electric permittivity",
     "(?:vacuum (?:electric )?permittivity|permittivity of (?:free space|(?:the )?vacuum)"
     "|electric constant|epsilon_0|ε_?0)",
     "elektrische feldkonstante|permittivität des vakuums|vakuumpermittivität"),
    ("vacuum magnetic permeability",
     "(?:vacuum (?:magnetic )?permeability|permeability of (?:free space|(?:the )?vacuum)"
     "|magnetic constant|mu_0|[µμ]_?0)",
     "magnetische feldkonstante|permeabilität des vakuums|vakuumpermeabilität"),
    ("standard acceleration of gravity",
     "standard (?:acceleration of gravity|gravity|gravitational acceleration|acceleration due to gravity)",
     "normfallbeschleunigung|standardfallbeschleunigung|standardschwerebeschleunigung"),
    ("atomic mass constant", "(?:atomic mass constant|(?:unified )?atomic mass unit)",
     "(?:atomare masseneinheit|atommassenkonstante)"),
    ("Compton wavelength", "compton wavelength(?: of (?:an|the) electron)?", "compton-?wellenlänge(?: des elektrons)?"),
    ("classical electron radius", "classical electron radius", "klassische[rn]? elektronenradius"),
    ("Wien wavelength displacement law constant", "wien(?:'s)? displacement (?:law )?constant",
     "wien(?:-|sche )?verschiebungskonstante"),
    ("magnetic flux quantum", "magnetic flux quantum", "magnetische[sn]? fluss-?quant(?:um|ums)?"),
    ("Josephson constant", "josephson constant", "josephson-?konstante"),
    ("von Klitzing constant", "von[- ]klitzing constant", "von-klitzing-konstante"),
    ("conductance quantum", "conductance quantum", "leitwertquant(?:um|ums)?"),
    ("Hartree energy", "hartree energy", "hartree-?energie"),
    ("Planck length", "planck length", "planck-?länge"),
    ("Planck time", "planck time", "planck-?zeit"),
    ("Planck mass", "planck mass", "planck-?masse"),
    ("Planck temperature", "planck temperature", "planck-?temperatur"),
    ("standard atmosphere", "standard atmosphere(?: pressure)?", "(?:physikalische |norm)atmosphäre"),
)  # fmt: skip
# name, patterns in English and German, and the name as these patterns match it
CONSTANTS: tuple[tuple[str, str, str, str], ...] = tuple(
    [(name, f"{english}|{name.lower()}", german, name.lower()) for name, english, german in _CONSTANTS]
)
CUES = (
    "constant", "konstante", "light", "licht", "charge", "ladung", "mass", "planck", "avogadro", "radius", "permitt",
    "permeab", "magneton", "gravity", "fallbeschl", "compton", "flu", "hartree", "atmosph", "k_b", "n_a", "m_e", "m_p",
    "m_n", "h-bar", "hbar", "ħ", "ε", "epsilon_", "µ", "μ", "mu_0", "conductance", "leitwert",
)  # fmt: skip
