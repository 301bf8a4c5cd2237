"""The API document, derived from the route table, so that it cannot omit a route."""
