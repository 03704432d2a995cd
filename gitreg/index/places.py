"""Versions by name, from their rows, and the order of those of one model."""

from __future__ import annotations

import sqlite3

from gitreg.domain.version import Version

Place = tuple[str, str]  # a model, and a version of it

_PLACE = "SELECT model, version FROM versions WHERE row = ?"


def read_place(connection: sqlite3.Connection, row: int) -> Place:
    """Return which version a row is."""
    [(model, version)] = connection.execute(_PLACE, (row,))
    return model, version


def newness(place: Place) -> tuple[bool, Version]:
    """Return by what a model's versions are ordered: releases come after all pre-releases."""
    version = Version.parse(place[1])
    return version.is_release, version
