"""The table of what is fuzzed: every reader of bytes that come from outside."""

from __future__ import annotations

from gitreg.domain.trailer import TRAILERS, RecordError
from gitreg.errors import GitregError, InvalidError, SetupError, UntrustedError, UsageError
from gitreg.signing import SignatureError
from tests.fuzz import document_laws, record_laws, text_laws
from tests.fuzz.target import Target

_FRAMES = tuple(
    f"\n=== {name}\n" for name in ("record", "model.json", "report.json", "policy.yaml")
)
_ARMOUR = ("-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n")
_RECORD = (
    *("object ", "type commit", "type blob", "tag ", "tagger ", " +0000", "sha256:", "none"),
    *("register", "evaluate", "promote", "vacate", "deprecate", "yank", "deploy", "beat", "policy"),
    *("approve", "reject", "withdraw", "failed"),
    *(f"{name}: " for name in TRAILERS),
    *_ARMOUR,
)
_SSHSIG = ("SSHSIG", "sha256", "sha512", "ssh-ed25519", "ssh-rsa", "rsa-sha2-256", "ssh:", "git")
_YAML = (
    *(": ", "- ", "? ", "|-\n", ">+\n", "[", "]", "{", "}", ", ", "#", "---\n", "...\n", "%TAG "),
    *("&a", "*a", "!!str ", "! ", "<<: ", "~", "0x1f", "0o17", ".inf", ".nan", "1e999", "'", '"'),
    *("\\x", "\ufeff", "\x85", "\u2028"),
)
_POLICY = (
    *("gitreg: 1", "people: ", "keys: ", "roles: ", "root: ", "by: ", "threshold: ", "beat: "),
    *("max_age: 30d", "datasets: ", "sha256: ", "models: ", "owners: ", "register: ", "yank: "),
    *("stages: ", "promote: ", "approve: ", "count: ", "rollback: ", "after: ", "evidence: "),
    *("gates: ", "metric: ", "min_change: ", "max_gap: ", "slice: ", "data: ", "allow_pickle: "),
)
_MODEL = (
    *("schema: gitreg/model/v1", "name: ", "version: ", "artifacts: ", "path: ", "md5: ", "size: "),
    *("metrics: ", "value: ", "signature: ", "training: ", "parents: ", "files: ", ".dir"),
    *("extra: ", "authors: ", "tags: ", "license: ", "evaluation: "),
)
_DEPLOY = (
    *("gitreg: 1", "models: ", "name: ", "target: folder", "path: /", "keep: ", "check: "),
    *("need: query", "seconds: ", "memory_mib: ", "production: "),
)
_MLFLOW = (
    *("flavors: ", "python_function: ", "sklearn: ", "pickled_model: ", "serialization_format: "),
    *(
        "onnx: ",
        "data: ",
        "pytorch: ",
        "model_data: ",
        "saved_model_dir: ",
        "model_class: ",
        "code: ",
    ),
    *("model.skops", "../outside.skops", "skops"),
)
_LOCK = (
    *("stages: ", "cmd: ", "deps: ", "outs: ", "params: ", "path: ", "md5: ", "wdir: ", "do: "),
    *("repo: ", "url: ", "rev_lock: ", "../"),
)
_OUTCOME = (
    *('"outcomes":', '"target":', '"outcome":', '"succeeded"', '"detail":', '"model":', '"seq":'),
    *('"stage":', "\\nReason: "),
)
_CHECK = (
    *('"ok":', '"versions":', '"findings":', '"outcomes":', '"report":', '"notes":', '"reviews":'),
    *('"gates":', '"gate":', '"passed":', '"note":', '"policy":', "<!--", "](", "@a", "\\n#", "|"),
)
_JSON = (
    *("null", "true", "1e308", "-0", "1E400", "\\ud800", "\\u0000", '"schema":', '"metrics":'),
    *('"slices":', '"champion":', '"data":', '"sha256":', '"version":', '"artifacts":', '"files":'),
)
_CONFIG = (
    *("[core]\n", "remote = ", "['remote \"a\"']\n", "url = ", "'''", '"""', "#", ",", "~", "@"),
    *("https://", "ssh://", "s3://", "endpointurl = ", "port = ", "user = ", "[::1]", "]:80"),
)

_QUERY = (
    *("name", "metrics.a", "tag.", "version", " in (", "not ", "order by ", "limit ", "offset "),
    *(" and ", " or ", " desc", "!=", "<=", "!~", "~ /", "{2,3}", "[^a-z]", "(?:", "\\d", "*"),
)

TARGETS: dict[str, Target] = {
    "record": Target(check=record_laws.check_record, refusals=(RecordError,), words=_RECORD),
    "armour": Target(
        check=record_laws.check_armour, refusals=(SignatureError, UnicodeDecodeError), words=_ARMOUR
    ),
    "sshsig": Target(check=record_laws.check_sshsig, refusals=(SignatureError,), words=_SSHSIG),
    "key": Target(check=record_laws.check_key, refusals=(ValueError,), words=_SSHSIG),
    "policy": Target(
        check=document_laws.check_policy,
        refusals=(InvalidError,),
        per_byte=500,
        longest=16384,
        words=_POLICY + _YAML,
    ),
    "model": Target(
        check=document_laws.check_model,
        refusals=(InvalidError,),
        per_byte=500,
        longest=8192,
        words=_MODEL + _YAML,
    ),
    "deploy": Target(
        check=document_laws.check_deploy,
        refusals=(InvalidError,),
        per_byte=500,
        longest=8192,
        words=_DEPLOY + _YAML,
    ),
    "mlflow": Target(
        check=document_laws.check_mlflow,
        refusals=(InvalidError, SetupError),
        per_byte=500,
        longest=8192,
        words=_MLFLOW + _YAML,
    ),
    "outcome": Target(
        check=document_laws.check_outcome, refusals=(InvalidError,), words=_OUTCOME + _JSON
    ),
    "check": Target(
        check=document_laws.check_check,
        refusals=(ValueError,),
        per_byte=500,
        longest=8192,
        words=_CHECK + _JSON,
    ),
    "examples": Target(
        check=document_laws.check_examples,
        refusals=(InvalidError,),
        per_byte=500,
        words=('"inputs":', '"outputs":', "[null]", "[[1]]", '"a"'),
    ),
    "pipeline": Target(
        check=document_laws.check_pipeline,
        refusals=(ValueError, InvalidError),
        per_byte=500,
        words=_YAML + _LOCK,
    ),
    "pointer": Target(
        check=document_laws.check_pointer,
        refusals=(InvalidError,),
        per_byte=500,
        words=("outs:", "md5:", "path: test.csv", "hash: md5", ".dir", "../"),
    ),
    "pickle": Target(check=document_laws.check_pickle, per_byte=500),
    "onnx": Target(check=document_laws.check_onnx, refusals=(ValueError,)),
    "yaml": Target(
        check=document_laws.check_yaml, refusals=(InvalidError,), per_byte=500, words=_YAML
    ),
    "edit": Target(
        check=document_laws.check_edit,
        refusals=(InvalidError, UnicodeDecodeError),
        per_byte=500,
        words=_YAML,
    ),
    "json": Target(check=document_laws.check_json, refusals=(ValueError,), words=_JSON),
    "attachments": Target(
        check=record_laws.check_attachments,
        refusals=(ValueError,),
        per_byte=500,
        longest=16384,
        words=_JSON + _FRAMES,
    ),
    "manifest": Target(
        check=document_laws.check_manifest,
        refusals=(ValueError,),
        words=("../", ".git", "\u0301", "\\"),
    ),
    "tree": Target(
        check=record_laws.check_tree, refusals=(ValueError,), words=("100644 ", "40000 ")
    ),
    "judgement": Target(
        check=record_laws.check_judgement,
        refusals=(ValueError,),
        per_byte=500,
        longest=16384,
        words=_RECORD + _JSON + _FRAMES,
    ),
    "dvc_config": Target(
        check=document_laws.check_dvc_config, refusals=(GitregError,), words=_CONFIG
    ),
    "words": Target(
        check=text_laws.check_words,
        refusals=(UsageError, UnicodeDecodeError),
        longest=200,
        words=("@v", "#", "!#", "~", "^", "sha256:", "T12:00", "+01:00"),
    ),
    "query": Target(
        check=text_laws.check_query,
        refusals=(UsageError, UnicodeDecodeError),
        per_byte=500,
        longest=4000,
        words=_QUERY,
    ),
    "location": Target(
        check=text_laws.check_location,
        refusals=(UsageError, UntrustedError, UnicodeDecodeError),
        longest=1000,
        words=("s3://", "https://", "ssh://", "http://[", "@", "-o", ":22/"),
    ),
    "address": Target(
        check=text_laws.check_address,
        refusals=(UsageError, UnicodeDecodeError),
        longest=1000,
        words=("ext::", "https://", "file://", "-u"),
    ),
    "push": Target(check=text_laws.check_push, words=("refs/heads/", "refs/tags/", "0" * 40)),
    "page": Target(
        check=text_laws.check_page,
        longest=300,
        words=("<script>", "</title>", "</style>", "&lt;", "&#60;", "-->", "]]>", '"', "'"),
    ),
    "output": Target(
        check=text_laws.check_output, per_byte=500, longest=300, words=("\x1b[", "\u202e")
    ),
}
