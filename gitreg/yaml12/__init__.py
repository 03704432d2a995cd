"""YAML as people write it: read as YAML 1.2's core schema says, and edited in place.

The only user of PyYAML.
"""

from gitreg.yaml12.read import Document, load
from gitreg.yaml12.write import dump, edit

__all__ = ["Document", "dump", "edit", "load"]
