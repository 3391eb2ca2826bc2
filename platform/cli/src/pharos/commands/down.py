"""``pharos down``."""

import time
from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.ending import end_all
from pharos.options import json_option, state_option
from pharos.state import folder_of


@click.command()
@state_option
@json_option
def down(*, state: Path | None, as_json: bool) -> None:
    """Stop everything; the data stays. Works after a crash of the supervisor too."""
    began = time.monotonic()
    stopped = end_all(folder_of(state))
    seconds = round(time.monotonic() - began, 3)
    if as_json:
        print_json({"stopped": stopped, "seconds": seconds})
    else:
        note(f"stopped in {seconds:.1f} s; the data is kept" if stopped else "nothing was running")
