from pathlib import Path

import pytest
from release import Release, unpack


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release before this one."""
    folder: Path = tmp_path_factory.mktemp("previous")
    return unpack(folder)
