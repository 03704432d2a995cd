"""DVC's configuration by who wrote it: the repository, or the user of this machine.

That decides what is taken from it: `settings.py` chooses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gitreg.artifacts.config import parse_config
from gitreg.artifacts.local import read_small
from gitreg.errors import SetupError, UntrustedError
from gitreg.value import Value

_MAX_SIZE = 1 << 18
_PATHS = {"url", "keyfile", "credentialpath", "configpath", "cert_path", "key_path"} | {
    "gdrive_user_credentials_file",
    "gdrive_service_account_json_file_path",
}


class Layer(Value):
    """What some files say: the settings of `core` and `cache`, and each remote's by its name."""

    core: Mapping[str, str] = {}
    cache: Mapping[str, str] = {}
    remotes: Mapping[str, Mapping[str, str]] = {}

    @classmethod
    def parse(cls, text: bytes) -> Layer:
        """Read one file; nothing in it is interpolated.

        Raises: SetupError; UntrustedError for one that is too large.
        """
        if len(text) > _MAX_SIZE:
            raise UntrustedError(
                "the DVC configuration is too large to be one",
                next_step="see who wrote .dvc/config",
            )
        try:
            found = parse_config(text.decode("utf-8"))
        except ValueError as error:
            raise SetupError(
                f"the DVC configuration cannot be read: {error}",
                next_step="see what changed it: git log -p -- .dvc/config",
            ) from error
        remotes = {
            match[1]: values
            for section, values in found.items()
            if (match := re.fullmatch(r'\s*remote\s*"(.*)"\s*', section))
        }
        return cls(core=found.get("core", {}), cache=found.get("cache", {}), remotes=remotes)

    def merge(self, later: Layer) -> Layer:
        """Return both, where `later` wins setting by setting."""
        names = {*self.remotes, *later.remotes}
        return Layer(
            core={**self.core, **later.core},
            cache={**self.cache, **later.cache},
            remotes={
                name: {**self.remotes.get(name, {}), **later.remotes.get(name, {})}
                for name in names
            },
        )

    def placed(self, folder: Path) -> Layer:
        """Return a user's own configuration whose file lies in `folder`: its paths made whole."""

        def absolute(values: Mapping[str, str], keys: set[str]) -> dict[str, str]:
            return {
                key: _expand(value, folder) if key in keys else value
                for key, value in values.items()
            }

        return Layer(
            core=self.core,
            cache=absolute(self.cache, {"dir"}),
            remotes={name: absolute(values, _PATHS) for name, values in self.remotes.items()},
        )


def _expand(value: str, folder: Path) -> str:
    if "://" in value or not value or value.startswith("-"):
        return value
    return str((folder / Path(value).expanduser()).resolve())


def read_user_layer(dvc_folder: Path | None = None) -> Layer:
    """Return what the user's own files say: the system's, the user's, and a work tree's own one.

    `dvc_folder` is the `.dvc` of the work tree. Of two that say the same, the later wins.

    Raises: SetupError.
    """
    files = user_config_files()
    if dvc_folder is not None:
        files.append(dvc_folder / "config.local")
    merged = Layer()
    for path in files:
        found = Layer.parse(read_small(path, _MAX_SIZE + 1))
        merged = merged.merge(found.placed(path.parent))
    return merged


def read_repository_layer(dvc_folder: Path) -> Layer:
    """Return what the repository says, in the work tree whose `.dvc` this is.

    Raises: SetupError.
    """
    return Layer.parse(read_small(dvc_folder / "config", _MAX_SIZE + 1))


def user_config_files() -> list[Path]:
    """Return where DVC keeps its system-wide and its user's configuration."""
    from dvc.dirs import global_config_dir, system_config_dir

    return [Path(system_config_dir()) / "config", Path(global_config_dir()) / "config"]
