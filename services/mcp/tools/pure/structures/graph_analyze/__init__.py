"""Facts about a graph that is written as a list of edges."""
