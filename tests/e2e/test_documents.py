"""What README and docs tell users to type is typed here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.comparing import release_versions
from tests.fixtures import Team, run_git, write
from tests.sentences import needs_model

ROOT = Path(__file__).parents[2]


def code_blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands(document: str) -> list[str]:
    return [line for block in code_blocks(document, "sh") for line in block.splitlines() if line]


@pytest.fixture
def clone(tmp_path: Path, home: Path, alice_key: Path) -> Path:
    """A clone with a DVC remote whose origin stands for the address that the documents use."""
    origin = tmp_path / "origin.git"
    run_git(tmp_path, "init", "-q", "--bare", str(origin))
    run_git(tmp_path, "clone", "-q", str(origin), "clone")
    instead = f"url.file://{origin}.insteadOf"
    run_git(tmp_path, "config", "--global", instead, "https://git.example.org/team/models.git")
    (home / ".local/share/bash-completion/completions").mkdir(parents=True)
    return tmp_path / "clone"


def type_in(folder: Path, command: str) -> str:
    bin_folder = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_gitreg(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "gitreg"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def train(folder: Path, contents: bytes) -> None:
    (folder / "models/iris").mkdir(parents=True, exist_ok=True)
    (folder / "models/iris/model.skops").write_bytes(contents)
    (folder / "metrics.json").write_text('{"accuracy": 0.95}')


def test_getting_started_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    train(clone, b"first")
    for command in commands("docs/start.md"):
        if "--bump" in command:
            train(clone, b"second")
        type_in(clone, command.replace("/srv/models", str(tmp_path / "storage")))
    assert (clone / "model/model.skops").read_bytes() == b"first"


def test_the_everyday_commands_of_the_readme_work(clone: Path, tmp_path: Path) -> None:
    block = code_blocks("README.md", "sh")[1]
    first, *rest = block.splitlines()
    type_in(clone, first)
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    train(clone, b"first")
    new = "gitreg register --new iris --file models/iris/model.skops --version 1.0.0"
    type_in(clone, new)
    train(clone, b"second")
    for command in rest:
        type_in(clone, command)
    assert (clone / "model/model.skops").read_bytes() == b"second"


def test_the_page_on_evaluation_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    import skops.io
    from sklearn.linear_model import LogisticRegression

    flowers, species = [[float(number)] for number in range(8)], [0, 0, 0, 0, 1, 1, 1, 1]
    train(clone, b"")
    skops.io.dump(LogisticRegression().fit(flowers, species), clone / "models/iris/model.skops")
    rows = [f"{number},{'ab'[number % 2]},{label}" for number, label in enumerate(species)]
    (clone / "data").mkdir()
    (clone / "data/test.csv").write_text("\n".join(["length,site,species", *rows]))
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    type_in(clone, "gitreg register --new iris --file models/iris/model.skops --version 1.1.0")
    shown, signed, dry = (type_in(clone, command) for command in commands("docs/evaluate.md"))
    assert "accuracy" in shown
    assert "Evaluate iris v1.1.0" in signed
    assert "nothing is in the way" in dry


def test_the_page_on_deployment_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    import skops.io
    from sklearn.linear_model import LogisticRegression

    train(clone, b"")
    skops.io.dump(LogisticRegression().fit([[0], [1]], [0, 1]), clone / "models/iris/model.skops")
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    type_in(clone, "gitreg register --new iris --file models/iris/model.skops --version 1.2.0")
    type_in(clone, "gitreg promote iris --stage production")
    (example,) = code_blocks("docs/deploy.md", "yaml")
    (clone / "deploy.yaml").write_text(example.replace("/srv/models", str(tmp_path / "srv")))
    type_in(clone, "git add deploy.yaml && git commit -qm 'Say where to deploy to'")
    planned, deployed, shown = (type_in(clone, command) for command in commands("docs/deploy.md"))
    assert "would change" in planned
    assert "Deploy iris v1.2.0 to shelf: succeeded" in deployed
    assert "shelf: succeeded, for production number 1" in shown
    assert (tmp_path / "srv/iris/current/model.skops").is_file()


def test_the_page_on_validation_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    import skops.io
    from sklearn.linear_model import LogisticRegression

    lengths, species = [[float(number)] for number in range(8)], [0, 0, 0, 0, 1, 1, 1, 1]
    train(clone, b"")
    skops.io.dump(LogisticRegression().fit(lengths, species), clone / "models/iris/model.skops")
    (wanted,), (golden,), (check,) = (
        code_blocks("docs/validate.md", language) for language in ("yaml", "json", "python")
    )
    head = "schema: gitreg/model/v1\nname: iris\nversion: 1.1.0\n"
    (clone / "models/iris/model.yaml").write_text(head + wanted)
    (clone / "models/iris/examples.json").write_text(golden)
    (clone / "team_checks.py").write_text(check)
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    type_in(clone, "git add models/iris/examples.json && git commit -qm 'Add examples'")
    register = "gitreg register models/iris --file models/iris/model.skops --version 1.1.0"
    type_in(clone, register)
    shown, as_json, checked = (type_in(clone, command) for command in commands("docs/validate.md"))
    for seen in ("reproduces 3 golden examples", "missing values are refused"):
        assert seen in " ".join(shown.split())
    assert as_json.startswith("{")
    assert "team_checks:labels_are_known finds nothing" in " ".join(checked.split())
    assert checked.splitlines()[-1].startswith("valid: 0 errors, 0 warnings")


def test_the_page_on_ci_works_as_it_stands(clone: Path, alice_key: Path) -> None:
    type_in(clone, "gitreg init")
    for command in commands("docs/ci.md"):
        type_in(clone, command)
    assert (clone / ".github/workflows/gitreg.yml").is_file()
    public = (clone / "ci_ed25519.pub").read_text().rsplit(" ", 1)[0]
    alice = alice_key.with_suffix(".pub").read_text().rsplit(" ", 1)[0]
    (policy,) = code_blocks("docs/ci.md", "yaml")
    for key in (alice, public):
        policy = policy.replace("ssh-ed25519 AAAA…", key, 1)
    (clone / "gitreg.yaml").write_text(policy)
    assert "ci may" in type_in(clone, "gitreg policy diff")
    type_in(clone, "gitreg policy apply")


@needs_model
def test_the_page_on_similar_models_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    for model, version, described in (
        ("iris", "1.2.0", "Predicts the species of a flower from four measurements."),
        ("rose", "1.0.0", "Predicts how long a cut flower lasts."),
    ):
        folder = f"models/{model}"
        (clone / folder).mkdir(parents=True)
        (clone / folder / "model.skops").write_bytes(model.encode())
        head = f"schema: gitreg/model/v1\nname: {model}\nversion: {version}\n"
        task = "task: tabular-classification\nmetrics: {accuracy: 0.9, latency_p95_ms: 3}\n"
        (clone / folder / "model.yaml").write_text(f"{head}{task}description: {described}\n")
        type_in(clone, f"gitreg register {folder} --file {folder}/model.skops --version {version}")
    near, far, fitting, near_by_meaning, fitting_by_meaning = (
        type_in(clone, command) for command in commands("docs/similar.md")
    )
    assert near.split()[:6] == ["model", "version", "cosine", "why", "rose", "1.0.0"]
    assert far.split()[:6] == ["model", "version", "distance", "why", "rose", "1.0.0"]
    assert fitting.split()[:6] == ["model", "version", "score", "why", "iris", "1.2.0"]
    assert "flower" in near_by_meaning
    assert "flower" in fitting_by_meaning
    (script,) = code_blocks("docs/similar.md", "python")
    (clone / "script.py").write_text(script)
    assert type_in(clone, f"{sys.executable} script.py").startswith("rose 1.0.0 0.")


def test_the_json_commands_of_the_docs_work(clone: Path, tmp_path: Path) -> None:
    train(clone, b"first")
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    type_in(clone, "gitreg register --new iris --file models/iris/model.skops --version 1.0.0")
    type_in(clone, "gitreg promote iris --stage production")
    for command in commands("docs/json.md"):
        assert type_in(clone, command).startswith("{")


def test_the_audit_commands_of_the_docs_work(clone: Path, tmp_path: Path) -> None:
    train(clone, b"first")
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    type_in(clone, "gitreg register --new iris --file models/iris/model.skops --version 1.0.0")
    type_in(clone, "gitreg promote iris --stage production")
    run_git(clone, "push", "--quiet", "origin", "gitreg-ledger")
    for command in commands("docs/audit.md"):
        assert type_in(clone, command), command
    assert (clone / "audit.html").read_text().count("iris 1.0.0 in production") == 1


def test_the_page_on_comparing_works_as_it_stands(team: Team) -> None:
    release_versions(team)
    diff, across, markdown, page, as_json, *history = (
        type_in(team.clone, command) for command in commands("docs/compare.md")
    )
    shown, drawn = code_blocks("docs/compare.md", "text")
    assert set(shown.splitlines()) <= set(diff.splitlines())
    assert "rose 1.0.0" in across
    assert markdown.startswith("### iris 1.0.0 beside iris 1.1.0\n")
    assert "<svg" in (team.clone / page.strip()).read_text()
    assert as_json.startswith("{")
    assert history[0] == drawn
    assert history[3].startswith("{")
    for name, start in (("accuracy.svg", b"<svg"), ("accuracy.png", b"\x89PNG")):
        assert (team.clone / name).read_bytes().startswith(start)
    (python,) = code_blocks("docs/compare.md", "python")
    script = f"import gitreg\nregistry = gitreg.open('.')\n{python}\nprint(found.is_breaking)"
    write(team.clone / "script.py", script)
    assert type_in(team.clone, f"{sys.executable} script.py") == "True\n"


def test_the_page_on_search_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    train(clone, b"first")
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    new = "gitreg register --new iris --file models/iris/model.skops --metrics metrics.json"
    type_in(clone, f"{new} --version 1.0.0")
    train(clone, b"second")
    type_in(clone, "gitreg register models/iris --bump minor")
    type_in(clone, "gitreg promote iris@1.0.0 --stage production")
    said = {command: type_in(clone, command) for command in commands("docs/search.md")}
    by_metric = "gitreg search 'metrics.accuracy >= 0.9 and stage:production'"
    assert said[by_metric] == code_blocks("docs/search.md", "text")[0]
    assert said["gitreg search iris --limit 1 --offset 1"].splitlines()[1].split()[1] == "1.0.0"
    wrong = run_gitreg(clone, "search", "stage:production and metrcs.accuracy > 0.9")
    assert (wrong.returncode, wrong.stderr) == (2, code_blocks("docs/search.md", "text")[1])
    (clone / "script.py").write_text("\n".join(code_blocks("docs/search.md", "python")))
    assert type_in(clone, f"{sys.executable} script.py").startswith("iris 1.1.0 ")


def test_the_page_on_lineage_works_as_it_stands(clone: Path, tmp_path: Path) -> None:
    said, pipeline = code_blocks("docs/lineage.md", "yaml")
    (clone / "data").mkdir()
    (clone / "data/flowers.csv").write_text("length,species\n1,0\n")
    (clone / "train.py").write_text("import sys\nopen(sys.argv[1], 'w').write('a model')\n")
    (clone / "params.yaml").write_text("lr: 0.1\n")
    (clone / "models/iris").mkdir(parents=True)
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    (clone / "dvc.yaml").write_text(pipeline)
    type_in(clone, "dvc repro -q && git add -A && git commit -qm 'Train with a pipeline'")
    new = "gitreg register --new iris --file models/iris/model.skops --version"
    type_in(clone, f"{new} 1.1.0")
    with (clone / "models/iris/model.yaml").open("a") as file:
        file.write(said)
    type_in(clone, "gitreg register models/iris --version 1.2.0")
    type_in(clone, "gitreg promote iris --stage production")
    outputs = [type_in(clone, line) for line in commands("docs/lineage.md") if "dot -T" not in line]
    (shown,) = code_blocks("docs/lineage.md", "text")
    assert _without_digests(outputs[0]) == _without_digests(shown)
    assert outputs[1].startswith("digraph lineage {")
    assert outputs[2].startswith("flowchart LR")


def test_the_page_on_several_registries_works_as_it_stands(clone: Path, home: Path) -> None:
    type_in(clone, "gitreg init")
    run_git(clone, "push", "--quiet", "origin", "gitreg-ledger")
    (example,) = code_blocks("docs/catalog.md", "yaml")
    catalog = home / ".config/gitreg/catalog.yaml"
    added, listed, _, as_json, search, removed = commands("docs/catalog.md")
    root = type_in(clone, added).split("sha256:")[1].strip()
    assert catalog.read_text() == re.sub("sha256:.*", f"sha256:{root}", example)
    assert "research" in type_in(clone, listed)
    assert '"models": []' in type_in(clone, as_json)
    assert type_in(clone, search) == ""
    assert "is no longer" in type_in(clone, removed)


def _without_digests(text: str) -> str:
    """The words of a tree: digests and dates differ, and with them where its lines are broken."""
    text = re.sub(r"[0-9a-f]{16}…|\d{4}-\d\d-\d\d", "…", text)
    return " ".join(re.sub("[│├└─]", " ", text).split())


def test_the_python_of_the_docs_works(clone: Path, tmp_path: Path) -> None:
    import skops.io
    from sklearn.linear_model import LogisticRegression

    train(clone, b"")
    skops.io.dump(LogisticRegression(C=1.0), clone / "models/iris/model.skops")
    type_in(clone, "gitreg init")
    type_in(clone, f"dvc remote add -q -d storage {tmp_path / 'storage'}")
    new = "gitreg register --new iris --file models/iris/model.skops --version 1.1.0"
    type_in(clone, f"{new} --metrics metrics.json")
    type_in(clone, "gitreg promote iris --stage production")
    script = "\n".join(
        [*code_blocks("README.md", "python"), *code_blocks("docs/python.md", "python")]
    )
    script = script.replace('version.metadata["description"]', 'version.metadata["name"]')
    retrained = 'open("models/iris/model.skops", "ab").write(b"x")\nregistry.register('
    (clone / "script.py").write_text(script.replace("registry.register(", retrained))
    type_in(clone, f"{sys.executable} script.py")


def test_the_model_file_of_the_docs_is_valid() -> None:
    from gitreg.validation import read_model

    (example,) = code_blocks("docs/model.md", "yaml")
    assert read_model(example.encode(), name="docs/model.md").value["version"] == "1.2.0"


def test_documents_and_messages_name_commands_that_exist() -> None:
    from gitreg.cli.main import _SUMMARIES

    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "gitreg").rglob("*.py")]
    named = {
        (path.name, word)
        for path in pages
        for word in re.findall(r"(?:[`$\"(]|: |with )gitreg ([a-z]+)", path.read_text())
    }
    named |= {
        ("start.md", line.split()[1])
        for line in commands("docs/start.md")
        if line.startswith("gitreg")
    }
    assert {("open.py", "init"), ("start.md", "yank")} <= named
    verbs = {"cannot", "does", "failed", "is", "keeps", "refuses", "stops"}  # gitreg itself does
    unknown = {pair for pair in named if pair[1] not in {*_SUMMARIES, *verbs}}
    assert unknown == set()
