"""A process without surroundings: own user, network, mounts, process ids and files, and a list of what it may ask.

`keeper` is the service's end. All else runs in the process itself and stands on the standard library alone, so that it
starts at once and there is nothing else in it.
"""
