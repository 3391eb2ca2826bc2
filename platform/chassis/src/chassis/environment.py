"""Reading settings from environment variables, with errors that name the variable and the fix."""

from collections.abc import Mapping
from pathlib import Path

from chassis.errors import ConfigurationError

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class Secret:
    """A value that never shows itself: not in a repr, a log line or a traceback. `reveal()` gives it."""

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: Path | None = None) -> None:
        self._value = value
        self.source = source
        """The file it was read from."""

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class Environment:
    """Typed reads of an environment given as a mapping; an empty value counts as absent.

    Every read raises ConfigurationError when the variable is required and absent, or cannot be understood.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def optional(self, name: str) -> str | None:
        """The text, or None when absent."""
        return self._variables.get(name) or None

    def text(self, name: str, default: str | None = None) -> str:
        """The text, or the default; required without one."""
        value = self.optional(name) or default
        if value is None:
            raise ConfigurationError(name, "is not set", "set it in the environment of the process")
        return value

    def integer(self, name: str, default: int | None = None, *, minimum: int = 0, maximum: int = 2**31) -> int:
        """A whole number within the bounds, both included."""
        text = self.text(name, None if default is None else str(default))
        if not (text.lstrip("-").isdecimal() and minimum <= int(text) <= maximum):
            raise ConfigurationError(name, f"is {text!r}", f"set a whole number from {minimum} to {maximum}")
        return int(text)

    def seconds(
        self, name: str, default: float | None = None, *, minimum: float = 0.0, maximum: float = 86_400.0
    ) -> float:
        """A duration in seconds within the bounds, both included."""
        text = self.text(name, None if default is None else str(default))
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not minimum <= value <= maximum:
            raise ConfigurationError(name, f"is {text!r}", f"set a number of seconds from {minimum:g} to {maximum:g}")
        return value

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """true/false, yes/no, on/off or 1/0, in any case."""
        text = (self.optional(name) or str(default)).lower()
        if text not in _TRUE | _FALSE:
            raise ConfigurationError(name, f"is {text!r}", "set true or false")
        return text in _TRUE

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of the choices, in any case."""
        text = self.text(name, default)
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        raise ConfigurationError(name, f"is {text!r}", f"set one of {', '.join(choices)}")

    def file(self, name: str) -> str | None:
        """The stripped text of the file that the variable names, or None when the variable is absent."""
        path = self.optional(name)
        if path is None:
            return None
        try:
            content = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not text"
            raise ConfigurationError(name, f"names {path!r}: {reason}", "give a readable file") from None
        if not content:
            raise ConfigurationError(name, f"names {path!r}, which is empty", "write into it what it is to hold")
        return content

    def secret(self, name: str) -> Secret | None:
        """A secret from the file that `<name>_FILE` names, else from `<name>` itself, else None."""
        file_variable = f"{name}_FILE"
        content = self.file(file_variable)
        if content is not None:
            return Secret(content, Path(self.text(file_variable)))
        value = self.optional(name)
        return None if value is None else Secret(value)

    def required_secret(self, name: str) -> Secret:
        """As `secret`, but an absent one is an error."""
        value = self.secret(name)
        if value is None:
            raise ConfigurationError(f"{name}_FILE", "is not set", "set it to the file that holds the secret")
        return value
