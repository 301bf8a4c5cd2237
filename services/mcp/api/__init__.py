"""The tools over HTTP: who may come in, and what there is to ask."""
