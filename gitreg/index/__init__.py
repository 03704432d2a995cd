"""The index: what the ledger established, in an SQLite file, so that nothing is read twice.

It is a cache (docs/adr/0015): whatever it answers, the ledger answers too, only slower. Only what
this user's gitreg verified is ever in it, and it lies in the user's cache folder, never in a
repository, where somebody else could plant it.
"""
