"""Attacks, on real repositories; docs/threat-model.md has what each of them shows."""

import pytest

pytest.register_assert_rewrite("tests.attack.crew")
