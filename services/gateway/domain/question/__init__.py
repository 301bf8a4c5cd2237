"""From a request to the question that is asked."""
