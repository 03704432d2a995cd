"""Tag names in GTO's grammar, so that `gto` and `dvc` read a gitreg registry.

`iris@v1.2.0` is a version, `iris#production#3` gives it a stage, and
`iris#production!#4` leaves the stage empty.
"""

from __future__ import annotations

import re

from gitreg.domain.grammar import Grammar
from gitreg.domain.names import MODEL, STAGE
from gitreg.domain.version import VERSION
from gitreg.value import Value

_SEQ = Grammar(r"[1-9][0-9]{0,8}")


class VersionTag(Value, kw_only=False):
    """The tag of one version. Law: `parse_tag(str(tag)) == tag`."""

    model: str
    version: str

    def __str__(self) -> str:
        return f"{self.model}@v{self.version}"


class StageTag(Value, kw_only=False):
    """The tag of one change of a stage. Law: `parse_tag(str(tag)) == tag`."""

    model: str
    stage: str
    seq: int
    vacates: bool = False

    def __str__(self) -> str:
        return f"{self.model}#{self.stage}{'!' if self.vacates else ''}#{self.seq}"


def parse_tag(text: str) -> VersionTag | StageTag | None:
    """Read a tag name; `None` where it is not one that gitreg writes."""
    if "#" in text:
        return _parse_stage_tag(text)
    model, at, version = text.partition("@v")
    if at and MODEL.fullmatch(model) and VERSION.fullmatch(version):
        return VersionTag(model, version)
    return None


def owner_of(text: str) -> str | None:
    """Return the model whose tag `text` would be for GTO, whatever follows the separator."""
    model = re.split("[@#]", text, maxsplit=1)[0]
    return model if model != text and MODEL.fullmatch(model) else None


def _parse_stage_tag(text: str) -> StageTag | None:
    model, stage, seq = text.split("#") if text.count("#") == 2 else ("", "", "")
    name = stage.removesuffix("!")
    if not (MODEL.fullmatch(model) and STAGE.fullmatch(name) and _SEQ.fullmatch(seq)):
        return None
    return StageTag(model, name, int(seq), vacates=name != stage)
