"""The configurations of the Collector and Loki, read by the programs themselves."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support.require import require

CONFIGURATION = Path(__file__).resolve().parents[2] / "observability"


def test_the_collector_takes_its_configuration(tmp_path: Path) -> None:
    run(
        "otelcol-contrib",
        "validate",
        "--config",
        str(CONFIGURATION / "collector" / "config.yaml"),
        environment={"OTELCOL_STORAGE": str(tmp_path)},
    )


def test_loki_takes_its_configuration() -> None:
    file = CONFIGURATION / "loki" / "config.yaml"
    run("loki", f"-config.file={file}", "-config.expand-env=true", "-verify-config", environment={"LOKI_RETENTION": ""})


def run(program: str, *arguments: str, environment: Mapping[str, str]) -> None:
    """Run a backend's own check."""
    found = shutil.which(program)
    require("binaries", None if found else f"{program} is not on the PATH")
    assert found
    done = subprocess.run(
        [found, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
