from __future__ import annotations

from pathlib import Path

import pytest

from gitreg import memory
from gitreg.errors import UntrustedError


def test_a_root_is_pinned_on_first_use_and_held_to_it() -> None:
    assert memory.pin("https://a", "1" * 64)
    assert not memory.pin("https://a", "1" * 64)
    assert memory.pin("https://b", "2" * 64)
    with pytest.raises(UntrustedError, match="another registry than before") as caught:
        memory.pin("https://a", "3" * 64)
    assert "roots.json" in str(caught.value.next_step)
    assert not memory.pin("https://a", "1" * 64)


def test_pins_lie_in_the_users_state_folder(home: Path) -> None:
    memory.pin("https://a", "1" * 64)
    assert (home / ".local/state/gitreg/roots.json").is_file()
