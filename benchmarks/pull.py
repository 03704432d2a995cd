"""One large file by `gitreg pull`, beside `dvc pull` and a plain tool, from each kind of remote.

    PYTHONPATH=. python benchmarks/pull.py [MEGABYTES [KIND…]]

All servers are on this machine, so that what is measured is work and not a network. `beside dvc`
and `beside plain` are how many times as fast gitreg is; `memory` is the most that it took.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from statistics import median

import pytest
from moto.server import ThreadedMotoServer

from gitreg.registry.init import init
from gitreg.registry.open import open_registry
from gitreg.registry.register import register
from gitreg.registry.registration import Request
from tests.conftest import _install_key, _seal
from tests.fixtures import make_key, make_repository, run, run_git, write
from tests.remotes import Bucket, Remote, log_in_to_aws, serve_remote

ROUNDS = 3
KINDS = ("local", "ssh", "web", "s3")
BIN = Path(sys.executable).parent
# A small process that starts the other, since what starts a process counts as its memory too.
_TIMER = """
import resource, subprocess, sys, time

begin = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def main() -> None:
    """Print a line for each kind of remote."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else "200") << 20
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        work = Path(folder)
        (work / "home").mkdir()
        home = _seal(work / "home", patch)
        _install_key(home, make_key(work / "id_ed25519"))
        log_in_to_aws(home, patch)
        storage, name = make_registry(work, size)
        print(f"{'':6} {'gitreg':>8} {'dvc':>8} {'plain':>8}  beside dvc  beside plain  memory")
        for kind in sys.argv[2:] or KINDS:
            with serve(kind, work, storage) as remote:
                report(kind, measure(work, home, remote, name))


def make_registry(work: Path, size: int) -> tuple[Path, str]:
    """Register a file of that size; return the folder of the DVC remote, and the file's md5."""
    clone = make_repository(make_origin(work) / "clone")
    run_git(clone, "remote", "add", "origin", str(work / "origin.git"))
    run_git(clone, "push", "--quiet", "--set-upstream", "origin", "main")
    init(open_registry(clone))
    storage = work / "storage"
    config = f"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {storage}\n"
    write(clone / ".dvc/config", config)
    model = clone / "models/big/model.bin"
    model.parent.mkdir(parents=True)
    with model.open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    register(open_registry(clone), Request(new="big", files=[model], version="1.0.0"))
    run_git(clone, "push", "--quiet")
    return storage, md5(model.read_bytes(), usedforsecurity=False).hexdigest()


def make_origin(work: Path) -> Path:
    """Make a bare origin, and return the folder it lies in."""
    run_git(work, "init", "--quiet", "--bare", "origin.git")
    return work


@contextmanager
def serve(kind: str, work: Path, storage: Path) -> Iterator[Remote]:
    """Serve the DVC remote by a server of that kind."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    folder = work / "servers" / kind
    with serve_remote(kind, folder, work / "home", root=storage, s3=address) as remote:
        yield remote
    server.stop()


def measure(
    work: Path, home: Path, remote: Remote, name: str
) -> dict[str, list[tuple[float, int]]]:
    """Return seconds and bytes of memory of each way, round by round."""
    write(home / ".config/dvc/config", remote.config())
    reader, out = work / "reader", work / "out"
    shutil.rmtree(reader, ignore_errors=True)
    run_git(work, "clone", "--quiet", "origin.git", "reader")
    write(reader / ".dvc/config.local", remote.config())  # DVC takes no address from elsewhere
    url = (work / "origin.git").as_uri()
    ways: dict[str, Callable[[], list[str]]] = {
        "gitreg": lambda: [f"{BIN}/gitreg", "pull", "big@1.0.0", "--repo", url, "-o", f"{out}"],
        "dvc": lambda: [f"{BIN}/dvc", "pull", "-q", "models/big/model.bin.dvc"],
        "plain": lambda: plain_command(remote, name, out),
    }
    found: dict[str, list[tuple[float, int]]] = {way: [] for way in ways}
    for _ in range(ROUNDS + 1):  # the first one fills caches, and does not count
        for way, command in ways.items():
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(home / ".cache/gitreg/files", ignore_errors=True)
            shutil.rmtree(reader / ".dvc/cache", ignore_errors=True)
            (reader / "models/big/model.bin").unlink(missing_ok=True)
            out.mkdir()
            found[way].append(time_command(command(), reader if way == "dvc" else work))
    return {way: rounds[1:] for way, rounds in found.items()}


def plain_command(remote: Remote, name: str, out: Path) -> list[str]:
    """Return what fetches the file without a check."""
    path = f"files/md5/{name[:2]}/{name[2:]}"
    target = str(out / "model.bin")
    if remote.kind == "ssh":
        host, _, rest = remote.url.removeprefix(f"ssh://{getpass.getuser()}@").partition("/")
        options = ["-q", "-o", "BatchMode=yes", "-P", host.partition(":")[2]]
        options += ["-i", f"{Path.home()}/.ssh/id_ed25519"]
        options += ["-o", f"UserKnownHostsFile={Path.home()}/.ssh/known_hosts"]
        return ["sftp", *options, f"{host.partition(':')[0]}:/{rest}/{path}", target]
    if remote.kind == "local":
        return ["cp", f"{remote.url}/{path}", target]
    url = f"{remote.url}/{path}"
    if isinstance(remote.files, Bucket):
        where = {"Bucket": remote.files.name, "Key": remote.files.key(name)}
        url = remote.files.client.generate_presigned_url("get_object", Params=where)
    return ["curl", "-sfo", target, url]


def time_command(command: list[str], folder: Path) -> tuple[float, int]:
    """Run a command; return seconds, and the most memory of it in bytes."""
    done = subprocess.run(
        [sys.executable, "-Sc", _TIMER, *command],
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds, memory = done.stdout.split()
    return float(seconds), int(memory) << 10


def report(kind: str, found: dict[str, list[tuple[float, int]]]) -> None:
    """Print the medians of one kind."""
    seconds = {way: median(second for second, _ in rounds) for way, rounds in found.items()}
    memory = max(memory for _, memory in found["gitreg"])
    times = " ".join(f"{seconds[way]:7.2f}s" for way in ("gitreg", "dvc", "plain"))
    ratios = [seconds[way] / seconds["gitreg"] for way in ("dvc", "plain")]
    print(
        f"{kind:6} {times}  {ratios[0]:10.2f}  {ratios[1]:12.2f}  {memory >> 20:3} MiB", flush=True
    )


if __name__ == "__main__":
    run("git", "--version")
    main()
