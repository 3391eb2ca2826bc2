"""The checked-in description of each service's interface is what its code offers."""

import subprocess
import sys

import pytest
from tree import Distribution, services


@pytest.mark.parametrize("module", ["chassis.openapi", "chassis.asyncapi"])
@pytest.mark.parametrize("service", services(), ids=lambda service: service.package)
def test_the_description_of_the_interface_is_current(service: Distribution, module: str) -> None:
    command = [sys.executable, "-m", module, str(service.folder), "--check"]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
