"""The steps of a request: admission, quota, dispatch, reply."""
