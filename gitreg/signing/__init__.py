"""Signatures: made by `ssh-keygen`, verified in this process with `cryptography`.

The format is SSHSIG, namespace `git`, as `git tag -s` makes it and GitHub shows as Verified.
"""

from gitreg.signing.keys import Key, agent_keys, create_key, read_public_key, sign
from gitreg.signing.many import Verified, Verifier
from gitreg.signing.sshsig import SignatureError, verify

__all__ = [
    "Key",
    "SignatureError",
    "Verified",
    "Verifier",
    "agent_keys",
    "create_key",
    "read_public_key",
    "sign",
    "verify",
]
