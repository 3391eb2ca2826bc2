"""Files that another process may read at any moment, or must not read at all."""

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes | str, *, mode: int = 0o600) -> None:
    """Replace the file at once: a reader, or a power loss, sees the old content or the new, never a part of it."""
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> Path:
    """Make the folder, if need be with its parents, and let nobody but its owner in."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
