"""The HTTP API as a document: made from the route table, so that it cannot leave a route out."""
