"""Every proof at its smallest size, with a seed of its own that is told when a bound is broken."""

import pytest

from verify.proof import Run, Size
from verify.run import PROOFS, prove

SEED = 20_260_101


@pytest.mark.parametrize("name", PROOFS)
def test_bounds_are_held(name: str) -> None:
    figures = prove(name, Run(SEED, Size.CHECK))
    broken = [figure.document for figure in figures if figure.held is False]
    assert figures, "the proof gave no figure"
    assert not broken, f"seed {SEED}: {broken}"
