"""DVC remotes of several kinds, each behind a real server, for tests to read, write and spoil."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.liar import serve_lies
from tests.servers import SFTP, serve_http, serve_ssh

KINDS = ("local", "ssh", "http", "s3")
ACCESS = {"access_key_id": "ALICE", "secret_access_key": "hers-alone"}


class Files(Protocol):
    """What a remote has, by DVC's names."""

    def get(self, md5: str) -> bytes: ...
    def put(self, md5: str, data: bytes) -> None: ...
    def remove(self, md5: str) -> None: ...
    def names(self) -> set[str]: ...


@dataclass(frozen=True)
class Folder:
    """Files of a folder on this machine."""

    root: Path

    def path(self, md5: str) -> Path:
        return self.root / "files/md5" / md5[:2] / md5[2:]

    def get(self, md5: str) -> bytes:
        return self.path(md5).read_bytes()

    def put(self, md5: str, data: bytes) -> None:
        self.path(md5).parent.mkdir(parents=True, exist_ok=True)
        self.path(md5).unlink(missing_ok=True)
        self.path(md5).write_bytes(data)

    def remove(self, md5: str) -> None:
        self.path(md5).unlink()

    def names(self) -> set[str]:
        found = self.root.glob("files/md5/*/*")
        return {path.parent.name + path.name for path in found}


@dataclass(frozen=True)
class Bucket:
    """Files of a bucket."""

    client: Any
    name: str

    def key(self, md5: str) -> str:
        return f"models/files/md5/{md5[:2]}/{md5[2:]}"

    def get(self, md5: str) -> bytes:
        found = self.client.get_object(Bucket=self.name, Key=self.key(md5))
        return bytes(found["Body"].read())

    def put(self, md5: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=self.key(md5), Body=data)

    def remove(self, md5: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=self.key(md5))

    def names(self) -> set[str]:
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return {"".join(entry["Key"].rsplit("/", 2)[1:]) for entry in found}


@dataclass(frozen=True)
class Remote:
    """A DVC remote: where it is, and what it has."""

    kind: str
    url: str
    files: Files
    options: Mapping[str, str] = field(default_factory=dict)

    def config(self, name: str = "storage", **more: str) -> str:
        """Return what a DVC configuration says of it."""
        settings = {"url": self.url, **self.options, **more}
        lines = [f"    {key} = {value}\n" for key, value in settings.items()]
        return "".join([f"[core]\n    remote = {name}\n['remote \"{name}\"']\n", *lines])


@contextmanager
def serve_remote(
    kind: str, folder: Path, home: Path, *, root: Path | None = None, s3: str = ""
) -> Iterator[Remote]:
    """Serve a remote of a kind; `folder` is for servers, and `root` has the files, to begin with.

    The user of `home` has a key that lets in by ssh, and `s3` is the address of an S3 server.
    """
    root = root or folder / "root"
    root.mkdir(parents=True, exist_ok=True)
    if kind == "local":
        yield Remote(kind, str(root), Folder(root))
    elif kind == "ssh":
        key = home / ".ssh/id_ed25519"
        with serve_ssh(folder / "ssh", key, options=SFTP) as ssh:
            shutil.copy(ssh.known_hosts, home / ".ssh/known_hosts")
            yield Remote(kind, ssh.url(root), Folder(root))
    elif kind == "web":
        with serve_http(folder / "web", root) as web:
            yield Remote(kind, web.address, Folder(root))
    elif kind == "http":
        with serve_lies(root) as liar:
            yield Remote(kind, liar.url, Folder(root))
    else:
        yield _fill_bucket(s3, secrets.token_hex(8), Folder(root))


def _fill_bucket(address: str, name: str, source: Folder) -> Remote:
    import botocore.session

    client = botocore.session.Session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id=ACCESS["access_key_id"],
        aws_secret_access_key=ACCESS["secret_access_key"],
    )
    bucket = Bucket(client, name)
    client.create_bucket(Bucket=name)
    for md5 in source.names():
        bucket.put(md5, source.get(md5))
    options = {"endpointurl": address, "region": "us-east-1"}
    return Remote("s3", f"s3://{name}/models", bucket, options)


def log_in_to_aws(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the user of `home` credentials where AWS's own tools look for them."""
    (home / ".aws").mkdir(exist_ok=True)
    lines = [f"aws_{key} = {value}\n" for key, value in ACCESS.items()]
    (home / ".aws/credentials").write_text("[default]\n" + "".join(lines), encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / ".aws/credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / ".aws/config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
