"""Why these tools do not run."""

NO_GRAPH = "the knowledge graph is not there yet"
NO_INDEX = "the index of contexts is not there yet"
