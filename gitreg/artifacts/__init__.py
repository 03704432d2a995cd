"""The bytes of models: tracked and pushed with DVC, fetched back and trusted by sha256 alone.

The only user of DVC. `tracking.py` gives files to DVC, by what `sealed.py` lets it know of the
repository. `settings.py` says where a remote is and whose settings it gets, and `remote.py` opens
it for reading, by a module per kind. `download.py` checks what comes back, `store.py` keeps it by
content, and `placing.py` links it to where it was asked for.
"""
