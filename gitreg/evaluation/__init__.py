"""Measuring models: data read in chunks, and metrics as states that merge.

`metrics/` owns the figures, `data/` the files. Neither knows models or the registry. numpy is
imported with this package, so import it where it is used.
"""
