"""Direct requests: the body for the model server, and the repair of its answer. Pure."""
