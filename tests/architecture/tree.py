"""The repository as the rules see it: its distributions, their modules, and what each module imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = "piccolo_migrations"
FOREIGN = {GENERATED, "__pycache__", "node_modules"}


@dataclass(frozen=True)
class Module:
    """One Python file of a distribution."""

    name: str
    path: Path

    @property
    def where(self) -> str:
        """The path for messages."""
        return str(self.path.relative_to(ROOT))

    @property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return parse(self.path)

    def imports(self) -> set[str]:
        """Every module it imports at run time, however deep in a function; not those for the type checker alone."""
        return {name for node in _at_run_time(self.tree) for name in _imported(node, self)}


@dataclass(frozen=True)
class Distribution:
    """A folder with a pyproject.toml of its own, and the one package in its `src`."""

    folder: Path

    @property
    def package(self) -> str:
        """The name one imports."""
        (found,) = [path.parent.name for path in self.folder.glob("src/*/__init__.py")]
        return found

    @property
    def is_service(self) -> bool:
        """Whether it stands under services/."""
        return self.folder.parent.name == "services"

    @property
    def modules(self) -> list[Module]:
        """Its modules; generated migrations are left out."""
        source = self.folder / "src"
        files = (path for path in sorted(source.rglob("*.py")) if GENERATED not in path.parts)
        return [Module(".".join(path.relative_to(source).with_suffix("").parts), path) for path in files]


@cache
def parse(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def distributions() -> list[Distribution]:
    """All of them, by folder."""
    return [Distribution(path.parent) for path in sorted(ROOT.glob("*/*/pyproject.toml")) if path.parts[-3] != "tests"]


def distribution(package: str) -> Distribution:
    """The one with this package."""
    (found,) = [one for one in distributions() if one.package == package]
    return found


def services() -> list[Distribution]:
    """Those under services/."""
    return [one for one in distributions() if one.is_service]


def python_files() -> list[Path]:
    """Every Python file we write, tests included."""
    roots = (ROOT / "platform", ROOT / "services", ROOT / "tests", ROOT / "observability")
    found = (path for root in roots for path in sorted(root.rglob("*.py")))
    return [path for path in found if not FOREIGN.intersection(path.parts)]


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _at_run_time(child)


def _imported(node: ast.AST, module: Module) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{module.where}:{node.lineno}: imports are absolute"
        assert node.module
        yield node.module
