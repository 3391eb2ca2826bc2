"""The kiosk as a process, and what it wrote."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

KIOSK = Path(__file__).with_name("kiosk.py")
MANIFEST = 'name="kiosk"\ndescription="x"\nowner="o"\npager="p"\ntier=1\ndatabase=false\n'


class Kiosk:
    """One kiosk process."""

    def __init__(self, folder: Path, port: int, **environ: str) -> None:
        manifest = folder / "service.toml"
        manifest.write_text(MANIFEST)
        self.port = port
        self._output = folder / f"output-{time.monotonic_ns()}"
        self._errors = self._output.with_suffix(".err")
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(KIOSK)],
                env={
                    "PATH": os.environ["PATH"],
                    "PHAROS_MANIFEST": str(manifest),
                    "PHAROS_PORT": str(port),
                    **environ,
                },
                stdout=output,
                stderr=errors,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)

    def get(self, path: str) -> tuple[int, str]:
        connection = self.connect()
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def wait_ready(self) -> "Kiosk":
        for _ in range(400):
            try:
                if self.get("/health/ready")[0] == 200:
                    return self
            except OSError:
                pass
            assert self.process.poll() is None, self.errors
            time.sleep(0.025)
        raise AssertionError("the kiosk is not ready after 10 s")

    def wait(self) -> int:
        return self.process.wait(timeout=15)


Start = Callable[..., Kiosk]
