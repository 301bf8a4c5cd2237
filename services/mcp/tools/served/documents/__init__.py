"""Documents written and read, in separate processes, because neither the formats nor their parsers are simple.

`workshop` is the client; the other modules run in its workers, which start with the first document.
"""
