"""A Debian archive on disk with a package named prometheus, and apt told to use nothing else."""

import hashlib
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

_CONTROL = """\
Package: prometheus
Version: 9.8.7+ds-1
Architecture: all
Maintainer: Nobody <nobody@pharos.example>
Description: stands in for the real one, which is too large to be fetched by a test
"""
_PROGRAM = """\
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

if "--version" in sys.argv:
    print("prometheus, version 9.8.7+ds (branch: debian/sid)")
    sys.exit()


class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/-/ready" else 404)
        self.end_headers()

    def log_message(self, *arguments):
        pass


(address,) = [word.partition("=")[2] for word in sys.argv if word.startswith("--web.listen-address=")]
HTTPServer((address.split(":")[0], int(address.split(":")[1])), Ready).serve_forever()
"""


@dataclass(frozen=True)
class Archive:
    """The archive's folder."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes apt use this archive, and our own cache be below its folder."""
        return {
            "APT_CONFIG": str(self.folder / "apt.conf"),
            "XDG_CACHE_HOME": str(self.folder / "caches"),
            "PHAROS_PROMETHEUS": "",
            "PATH": _path_without("prometheus"),
        }

    @property
    def fetched(self) -> Path:
        """Where the fetched binary belongs."""
        return self.folder / "caches" / "pharos" / "prometheus" / "prometheus"

    @property
    def _package(self) -> Path:
        return self.folder / "archive" / "prometheus_9.8.7+ds-1_all.deb"

    def build(self) -> None:
        """Make the package and the index."""
        tree = self.folder / "tree"
        for folder in (tree / "DEBIAN", tree / "usr" / "bin", self._package.parent, self.folder / "none"):
            folder.mkdir(parents=True)
        (tree / "DEBIAN" / "control").write_text(_CONTROL)
        program = tree / "usr" / "bin" / "prometheus"
        program.write_text(f"#!{sys.executable}\n{_PROGRAM}")
        program.chmod(0o755)
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, self._package], check=True, timeout=30)
        (self.folder / "sources.list").write_text(f"deb [trusted=yes] file:{self._package.parent} ./\n")
        (self.folder / "apt.conf").write_text(
            textwrap.dedent(f"""\
                Dir::Etc::sourcelist "{self.folder}/sources.list";
                Dir::Etc::sourceparts "{self.folder}/none";
                APT::Sandbox::User "root";
            """)
        )
        self.index()

    def index(self, *, digest: str = "") -> None:
        """Write the index, with the package's own digest unless another is given."""
        content = self._package.read_bytes()
        entry = f"{_CONTROL.strip()}\nFilename: ./{self._package.name}\nSize: {len(content)}\n"
        entry += f"SHA256: {digest or hashlib.sha256(content).hexdigest()}\n"
        (self._package.parent / "Packages").write_text(entry)


def _path_without(program: str) -> str:
    """The PATH without folders that hold the program."""
    return os.pathsep.join(folder for folder in os.get_exec_path() if not (Path(folder) / program).exists())
