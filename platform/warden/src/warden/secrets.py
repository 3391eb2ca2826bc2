"""Passwords and keys, made once on the first start: ``python -m warden.secrets FOLDER NAME…``.

A process of its own makes the keys, since the library for them would stay in warden's memory for ever.
"""

import asyncio
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from chassis.manifest import Manifest
from warden.errors import PartFailed
from warden.files import private_folder, write_atomically
from warden.layout import StateFolder

SUPERUSER = "postgres-superuser"
OPERATOR = "operator"
OPERATOR_JWKS = "operator.jwks"  # public: what services verify the operator's tokens with
_WISH = re.compile(r"\{secrets\}/([a-z0-9.-]+)")
_KEY = re.compile(r"key-(.+)\.jwk")


def wishes_of(manifests: Iterable[Manifest]) -> set[str]:
    """The files of the secrets folder that manifests name in their own variables, such as ``{secrets}/key-x.jwk``."""
    return {name for manifest in manifests for value in manifest.environment.values() for name in _WISH.findall(value)}


def password_names(databases: Iterable[str], wishes: Iterable[str]) -> list[str]:
    """The password files of a system with these databases and wishes."""
    return [SUPERUSER, *(f"db-{name}" for name in databases), *(name for name in wishes if not _KEY.fullmatch(name))]


def key_names(signers: Iterable[str], wishes: Iterable[str]) -> list[str]:
    """The private keys of a system with these signers and wishes, as ``key-NAME.jwk``."""
    return [OPERATOR, *signers, *(key[1] for name in wishes if (key := _KEY.fullmatch(name)))]


async def ensure_secrets(
    state: StateFolder, databases: Iterable[str], signers: Iterable[str], wishes: Iterable[str] = ()
) -> None:
    """Make what is missing; what is there stays as it is.

    Raises:
        PartFailed: the keys could not be made.
    """
    folder = private_folder(state.secrets)
    wishes = sorted(wishes)
    for name in password_names(databases, wishes):
        if not (folder / name).exists():
            write_atomically(folder / name, secrets.token_urlsafe(24) + "\n")
    missing = [name for name in key_names(signers, wishes) if not (folder / f"key-{name}.jwk").exists()]
    if not missing and (folder / OPERATOR_JWKS).exists():
        return
    command = [sys.executable, "-P", "-m", "warden.secrets", str(folder), *missing]
    child = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    _, said = await child.communicate()
    if child.returncode:
        raise PartFailed(f"keys could not be made: {said.decode(errors='replace').strip()[-500:]}")


def make_keys(folder: Path, names: Iterable[str]) -> None:
    """Write an Ed25519 private key (RFC 8037), ``kid`` its thumbprint, for each name, and the operator's key set."""
    from joserfc.jwk import OKPKey  # noqa: PLC0415 - see above

    for name in names:
        key = OKPKey.generate_key("Ed25519", auto_kid=True)
        write_atomically(folder / f"key-{name}.jwk", json.dumps(key.as_dict(private=True)))
    operator = OKPKey.import_key(json.loads((folder / f"key-{OPERATOR}.jwk").read_text()))
    public = {"keys": [{**operator.as_dict(private=False), "use": "sig", "alg": "EdDSA"}]}
    write_atomically(folder / OPERATOR_JWKS, json.dumps(public))


if __name__ == "__main__":
    make_keys(Path(sys.argv[1]), sys.argv[2:])
