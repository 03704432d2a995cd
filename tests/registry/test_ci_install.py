"""The workflows that are written: what each job may do, and whose files stay as they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitreg import yaml12
from tests.fixtures import Cli, Team, write

ROOT = Path(__file__).parents[2]
FILES = [".github/workflows/gitreg.yml", ".github/workflows/gitreg-comment.yml"]


@pytest.fixture
def clone(team: Team, cli: Cli) -> Path:
    cli.folder = team.clone
    return team.clone


@pytest.fixture
def jobs(clone: Path, cli: Cli) -> dict[str, Any]:
    cli.ok("ci", "install", "github")
    return {**read_jobs(clone / FILES[0]), **read_jobs(clone / FILES[1])}


def read_jobs(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml12.load(path.read_bytes(), name=path.name).value
    assert value["permissions"] == {}
    jobs: dict[str, Any] = value["jobs"]
    return jobs


def test_the_workflows_are_written_once(clone: Path, cli: Cli) -> None:
    first = cli.ok("ci", "install", "github")
    assert first.out.splitlines()[:2] == [f"{path}: written" for path in FILES]
    assert "GITREG_ROOT        sha256:" in first.out
    assert "GITREG_CHECKPOINT  0:sha256:" in first.out
    second = cli.ok("ci", "install", "github")
    assert second.out.splitlines()[:2] == [f"{path}: in place already" for path in FILES]


def test_a_file_that_somebody_edited_stays(clone: Path, cli: Cli) -> None:
    cli.ok("ci", "install", "github")
    mine = (clone / FILES[1]).read_text() + "# mine\n"
    write(clone / FILES[1], mine)
    (clone / FILES[0]).unlink()
    assert "is there already, and not as gitreg wrote it" in cli.no("ci", "install", "github")
    assert (clone / FILES[1]).read_text() == mine
    assert not (clone / FILES[0]).exists()
    cli.ok("ci", "install", "github", "--force")
    assert "# mine" not in (clone / FILES[1]).read_text()


def test_what_gitreg_wrote_is_renewed(clone: Path, cli: Cli) -> None:
    cli.ok("ci", "install", "github", "--branch", "trunk")
    assert "renewed" in cli.ok("ci", "install", "github").out
    assert "trunk" not in (clone / FILES[0]).read_text()


def test_the_default_branch_is_the_remotes(clone: Path, cli: Cli, team: Team) -> None:
    team.git("update-ref", "refs/remotes/origin/stable", "HEAD")
    team.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/stable")
    cli.ok("ci", "install", "github")
    assert 'branches: ["stable"]' in (clone / FILES[0]).read_text()


def test_a_branch_that_would_be_more_than_a_name_is_refused(clone: Path, cli: Cli) -> None:
    ran = cli("ci", "install", "github", "--branch", "main' || true || '")
    assert ran.code == 2
    assert not (clone / FILES[0]).exists()


def test_init_writes_them_where_it_is_asked_to(clone: Path, cli: Cli) -> None:
    cli.ok("init")
    assert not (clone / ".github").exists()
    assert FILES[0] in cli.ok("init", "--ci", "github").out
    assert (clone / FILES[0]).exists()


def test_extras_are_those_of_the_models(released: Team, cli: Cli) -> None:
    cli.folder = released.clone
    cli.ok("ci", "install", "github")
    assert "GITREG: gitreg[parquet,sklearn]==" in (released.clone / FILES[0]).read_text()


def test_extras_are_those_of_the_dvc_remote_too(clone: Path, cli: Cli) -> None:
    write(clone / ".dvc/config", "['remote \"storage\"']\n    url = s3://bucket/models\n")
    cli.ok("ci", "install", "github")
    assert "GITREG: gitreg[onnx,parquet,s3,sklearn]==" in (clone / FILES[0]).read_text()


def test_each_job_has_the_permissions_that_it_needs_and_no_other(jobs: dict[str, Any]) -> None:
    read, written = {"contents": "read"}, {"contents": "write"}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        **dict.fromkeys(("plan", "check", "verdict", "find", "deploy"), read),
        **dict.fromkeys(("sync", "record", "watch"), written),
        "dispatch": {"actions": "write", **read},
        "comment": {"actions": "read", "pull-requests": "write"},
    }


def test_the_key_is_for_jobs_of_the_environment_that_run_no_model(jobs: dict[str, Any]) -> None:
    holders = {name for name, job in jobs.items() if "secrets." in str(job)}
    assert holders == {"sync", "record", "watch"}
    assert {jobs[name]["environment"] for name in holders} == {"gitreg"}
    for name in holders:
        for step in jobs[name]["steps"]:
            holds, said = "secrets." in str(step), str(step.get("run"))
            assert not holds or not {"gitreg ci check", "gitreg ci deploy"} & {said}
            assert not holds or "unset SIGNING_KEY" in said
    running = {
        name for name, job in jobs.items() if "ci check" in str(job) or "ci deploy" in str(job)
    }
    assert running == {"check", "deploy"}


def test_no_token_is_left_to_the_code_that_is_checked_out(jobs: dict[str, Any]) -> None:
    steps = [step for job in jobs.values() for step in job["steps"]]
    checkouts = [step for step in steps if "actions/checkout" in step.get("uses", "")]
    assert len(checkouts) == 9
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}
    (check,) = (step for step in jobs["check"]["steps"] if step["name"] == "Check")
    assert set(check["env"]) == {"MODEL"}
    assert "actions/checkout" not in str(jobs["comment"])


def test_nothing_from_outside_is_written_into_a_script(jobs: dict[str, Any]) -> None:
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_what_a_tag_starts_asks_and_no_more(jobs: dict[str, Any]) -> None:
    started = {name for name, job in jobs.items() if "'tag'" in str(job.get("if"))}
    assert started == {"dispatch"}
    for name in ("sync", "deploy", "find", "plan"):
        said = str(jobs[name]["if"])
        bound = "refs/heads/main" in said or jobs[name].get("needs") == ["plan", "check"]
        assert bound, name


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_files_fit_their_schema(clone: Path, cli: Cli, kind: str) -> None:
    program = shutil.which("check-jsonschema")
    if program is None:
        pytest.skip("check-jsonschema is of the extra lint")
    cli.ok("ci", "install", kind)
    builtin = "vendor.github-workflows" if kind == "github" else "vendor.gitlab-ci"
    paths = [clone / path for path in (FILES if kind == "github" else [".gitlab-ci.yml"])]
    run_tool(program, "--builtin-schema", builtin, *map(str, paths))


def test_zizmor_finds_nothing(clone: Path, cli: Cli) -> None:
    program = shutil.which("zizmor")
    if program is None:
        pytest.skip("zizmor is of the extra lint")
    cli.ok("ci", "install", "github")
    run_tool(program, "--offline", "--quiet", str(clone / ".github"), str(ROOT / "action.yml"))


def test_the_shipped_action_fetches_what_the_workflow_fetches(clone: Path, cli: Cli) -> None:
    cli.ok("ci", "install", "github")
    action = (ROOT / "action.yml").read_text()
    workflow = yaml12.load((clone / FILES[0]).read_bytes(), name="gitreg.yml").value
    for name in ("LEDGER", "TAGS"):
        assert f"'{workflow['env'][name]}'" in action
    assert "actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405" in action


def test_gitlab_has_a_job_for_each_stage_of_the_policy(clone: Path, cli: Cli) -> None:
    cli.ok("ci", "install", "gitlab")
    pipeline = yaml12.load((clone / ".gitlab-ci.yml").read_bytes(), name="gitlab").value
    environments = {
        name: job["environment"]["name"]
        for name, job in pipeline.items()
        if isinstance(job, dict) and "environment" in job
    }
    assert environments == {
        "deploy-production": "production",
        "deploy-staging": "staging",
        "record": "gitreg",
        "sync": "gitreg",
        "watch": "gitreg",
    }
    holders = {name for name, job in pipeline.items() if "SIGNING_KEY" in str(job)}
    assert holders == {"sync", "record", "watch"}


def test_the_scripts_are_shell(clone: Path, cli: Cli) -> None:
    cli.ok("ci", "install", "gitlab")
    pipeline = yaml12.load((clone / ".gitlab-ci.yml").read_bytes(), name="gitlab").value
    for job in pipeline.values():
        script = job.get("script", job.get("before_script")) if isinstance(job, dict) else None
        if script:
            run_tool("bash", "-n", "-c", "\n".join(script))


@pytest.mark.parametrize(
    ("variables", "deployed"),
    [
        ({}, ["iris#production#3", "fraud/eu#production!#4"]),
        ({"GITREG_TAG": "iris#production#7"}, ["iris#production#7"]),
        ({"GITREG_TAG": "iris#staging#7"}, []),
        ({"GITREG_TAG": "$(touch pwned)#production#1"}, ["$(touch pwned)#production#1"]),
    ],
)
def test_a_job_of_gitlab_deploys_what_is_for_its_stage(
    clone: Path, cli: Cli, tmp_path: Path, variables: dict[str, str], deployed: list[str]
) -> None:
    cli.ok("ci", "install", "gitlab")
    pipeline = yaml12.load((clone / ".gitlab-ci.yml").read_bytes(), name="gitlab").value
    assert pipeline["deploy-production"]["variables"] == {"STAGE": "production"}
    tags = ["iris#production#3", "iris#staging#2", "fraud/eu#production!#4"]
    write(tmp_path / "job/sync.json", json.dumps({"deployments": [{"tag": tag} for tag in tags]}))
    stub = '#!/bin/sh\n[ "$1 $2 $3 $5" = "ci deploy --outcome --" ] && echo "$6" >> told\n'
    write(tmp_path / "bin/gitreg", stub).chmod(0o755)
    program = shutil.which("bash")
    assert program
    done = subprocess.run(
        [program, "-eo", "pipefail", "-c", "\n".join(pipeline[".deploy"]["script"])],
        cwd=tmp_path / "job",
        env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "STAGE": "production", **variables},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = tmp_path / "job/told"
    assert (told.read_text().splitlines() if told.exists() else []) == deployed
    assert not (tmp_path / "job/pwned").exists()


def run_tool(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
