"""The bytes of models: tracked and pushed with DVC, fetched back and trusted by sha256 alone.

The only user of DVC. `tracking.py` gives files to DVC, `remote.py` opens its remotes for reading,
`download.py` checks what comes back, `store.py` keeps it by content, and `placing.py` links it
to where it was asked for.
"""
