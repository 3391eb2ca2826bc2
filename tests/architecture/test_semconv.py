"""The registry of names refuses what contradicts itself, and everything generated from it is current."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "observability" / "semconv"
VALID = """
owner: chassis
groups:
  - id: registry.a
    type: attribute_group
    brief: Attributes.
    attributes: [{id: a.name, type: string, brief: A name.}]
  - id: span.a
    type: span
    span_kind: internal
    name: "a {a.name}"
    brief: A span.
    attributes: [a.name]
"""


def load(folder: Path) -> str:
    """What loading the registry in `folder` complains about."""
    code = "import sys, pathlib, registry; registry.load(pathlib.Path(sys.argv[1]))"
    outcome = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    return outcome.stderr.strip().rsplit("\n", 1)[-1]


def test_what_is_generated_is_current() -> None:
    command = [sys.executable, str(FOLDER / "generate.py"), "--check"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_a_sound_registry_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(VALID)
    assert load(tmp_path) == ""


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("attributes: [a.name]", "attributes: [a.name, b.name]", "span.a: attribute b.name is declared nowhere"),
        ('"a {a.name}"', '"a {b.name}"', "the name uses {b.name}, which is no attribute of the group"),
        ("span_kind: internal", "span_kind: inner", "span_kind must be one of client, consumer"),
        ("id: a.name", "id: A-Name", "a name is lower-case words joined by dots"),
        ("type: string", "type: text", "type must be one of boolean, double"),
        ("id: span.a", "id: registry.a", "group registry.a is declared twice"),
        ("brief: A span.", "brief: A span.\n    colour: red", "unknown keys ['colour']"),
        ("owner: chassis", "team: chassis", "must have exactly the keys owner and groups"),
    ],
)
def test_a_contradiction_is_named_with_its_place(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert before in VALID
    (tmp_path / "a.yaml").write_text(VALID.replace(before, after))
    message = load(tmp_path)
    assert "a.yaml" in message
    assert complaint in message
