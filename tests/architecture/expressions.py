"""What a PromQL expression mentions: metrics, the labels it selects and groups by, and those it makes."""

import re
from dataclasses import dataclass
from functools import cached_property

_TEXT = re.compile(r'(?P<before>=~|!~|!=|=)?\s*"(?P<text>(?:[^"\\]|\\.)*)"')
_RANGE = re.compile(r"\[[^\]]*\]")
_SELECTOR = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)\s*\{(?P<matchers>[^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\((?P<labels>[^)]*)\)")
_METRIC = re.compile(r"(?<![\w:$])[a-zA-Z_:][\w:]*(?![\w:])(?!\s*\()")
_WORDS = {
    "and",
    "or",
    "unless",
    "by",
    "on",
    "without",
    "ignoring",
    "group_left",
    "group_right",
    "offset",
    "bool",
    "NaN",
}


@dataclass(frozen=True)
class Expression:
    """One query."""

    text: str

    @cached_property
    def metrics(self) -> set[str]:
        """Every metric by its name."""
        plain = _GROUPING.sub(" ", re.sub(r"\{[^}]*\}", " ", self._bare))
        return set(_METRIC.findall(plain)) - _WORDS

    @cached_property
    def selected(self) -> dict[str, set[str]]:
        """The labels that the selectors of each metric ask for."""
        found: dict[str, set[str]] = {}
        for match in _SELECTOR.finditer(self._bare):
            found.setdefault(match["metric"], set()).update(_LABEL.findall(match["matchers"]))
        return found

    @cached_property
    def grouped(self) -> set[str]:
        """The labels by which it sums or joins."""
        lists = (match["labels"].split(",") for match in _GROUPING.finditer(self._bare))
        return {label.strip() for labels in lists for label in labels if label.strip()}

    @cached_property
    def made(self) -> set[str]:
        """What `label_replace` may have made: its texts that are names."""
        return {
            match["text"]
            for match in _TEXT.finditer(self.text)
            if not match["before"] and re.fullmatch(r"[a-z]\w*", match["text"])
        }

    @property
    def _bare(self) -> str:
        """The expression without texts and ranges."""
        return _RANGE.sub(" ", _TEXT.sub(lambda match: f'{match["before"] or ""}""', self.text))
