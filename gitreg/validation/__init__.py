"""What is wrong with one version: its `model.yaml`, and what it does when it is put to the test.

`document.py` owns the file. Each other check is a module of its own, and `checks.py` their table;
they are given a Subject and a Trial, and know neither Git nor the registry.
"""

from gitreg.validation.document import check_complete, display_name, read_model, refuse

__all__ = ["check_complete", "display_name", "read_model", "refuse"]
