"""Every service does what its OpenAPI file says, whatever it is sent, with and without tokens.

Requests are drawn from the checked-in file of each service, right ones and wrong ones, and sent to the process itself.
Without a valid token every operation that asks for one has to refuse; with one, nothing that is sent may bring a
service to answer 5xx, or otherwise than the file says.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.report import Figure
from pharos.console import note
from support.system import ROOT, System, new_system
from verify.credentials import Credentials
from verify.proof import Run
from warden.layout import StateFolder
from warden.record import read_parts

SERVICES = ("orders", "inventory", "payments", "notifications", "accounts")
"""accounts last: the many log-ins that are tried there are held back, and with them everybody's from this address."""
PATIENCE_S = 300
SHOWN = 3000
ALL_PHASES, SHORT_PHASES = "examples,coverage,fuzzing", "examples,fuzzing"
"""coverage: the bounds of every field, some three thousand requests."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)
SERVER_ERROR, IGNORED_AUTH, VIOLATION = "server error", "ignored auth", "violation"
REFUSALS = """\
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "414", "415", "422", "429", "431"]

"""
"""How a wrong request may be refused: beside the usual ways for its size, since a wrong one may be long, too."""
_KINDS = {"ServerError": SERVER_ERROR, "ContentTypeServerError": SERVER_ERROR, "IgnoredAuth": IGNORED_AUTH}


def prove(run: Run) -> Iterator[Figure]:
    """The number of requests, and of failures of each kind."""
    examples = run.pick(check=6, standard=40, full=400)
    found: Counter[str] = Counter()
    system = new_system()
    try:
        system.start()
        credentials = Credentials(system)
        for service in SERVICES:
            for signed in (True, False):
                settings = _settings(credentials.of(service)) if signed else ""
                phases = ALL_PHASES if run.measures else SHORT_PHASES
                found += examine(system, service, settings, seed=run.seed, examples=examples, phases=phases)
    finally:
        system.remove()
    yield Figure(
        what="requests drawn from the files of five services",
        measured=found["requests"],
        at_least=run.pick(check=300, standard=1000),
    )
    yield Figure(what="answers 5xx", measured=found[SERVER_ERROR], at_most=0)
    yield Figure(what="answers that break the file", measured=found[VIOLATION], at_most=0)
    yield Figure(what="operations open without a valid token", measured=found[IGNORED_AUTH], at_most=0)


def examine(system: System, service: str, settings: str, *, seed: int, examples: int, phases: str) -> Counter[str]:
    """Send one service what its file allows and what it forbids, and count failures by kind.

    Raises:
        AssertionError: the requests could not all be drawn or sent.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "settings.toml").write_text(REFUSALS + settings)
        report = _send(
            folder, service, _address(system, service), "--phases", phases, "--seed", seed, "--max-examples", examples
        )
    found: Counter[str] = Counter({"requests": report["test_cases"]["generated"]})
    for failure in report["failures"]:
        found[_KINDS.get(failure["type"], VIOLATION)] += failure["count"]
        note(f"{service}, {'with' if settings else 'without'} tokens: {failure['title']}: {failure['operations']}")
    return found


def _send(folder: Path, service: str, address: str, *options: object) -> dict[str, Any]:
    command: list[str | Path] = [
        *(Path(sys.executable).with_name("schemathesis"), "--config-file", folder / "settings.toml", "run"),
        *(ROOT / "services" / service / "openapi.json", "--url", address, "--checks", ",".join(CHECKS)),
        *map(str, options),
        *("--no-shrink", "--continue-on-failure", "--generation-database", "none", "--no-color"),
        *("--report", "json", "--report-json-path", folder / "report.json"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    file = folder / "report.json"
    assert file.exists(), f"{service}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    report: dict[str, Any] = json.loads(file.read_text())
    assert report["complete"], f"{service}: {report['stop_reason']}"
    assert not report["errors"], f"{service}: {report['errors']}"
    if report["failures"]:
        note(done.stdout.partition("= FAILURES =")[2][:SHOWN])
    return report


def _settings(credentials: Mapping[str, tuple[str, str]]) -> str:
    """The token that goes with each operation; a customer's own, or that of a service that may call it."""
    tables = [
        f'[[operations]]\ninclude-operation-id = "{operation}"\nheaders = {{ "{header}" = "{token}" }}\n'
        for operation, (header, token) in credentials.items()
    ]
    return "\n".join(tables)


def _address(system: System, service: str) -> str:
    port = next(part.port for part in read_parts(StateFolder(system.state)) if part.part == service)
    return f"http://127.0.0.1:{port}"
