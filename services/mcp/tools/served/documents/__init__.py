"""Documents written and read: in processes of their own, because neither the formats nor their readers are simple.

`workshop` is the service's end; all else runs in the workers that it keeps, from the first document on.
"""
