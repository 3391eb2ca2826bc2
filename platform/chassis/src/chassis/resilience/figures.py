"""How the figures of a mechanism refuse what cannot work."""

from collections.abc import Mapping


def require(subject: str, rules: Mapping[str, bool]) -> None:
    """Check figures; each rule is named ``field: range``.

    Raises:
        ValueError: naming the subject and the first rule that does not hold.
    """
    for rule, holds in rules.items():
        if not holds:
            raise ValueError(f"{subject}, {rule}")
