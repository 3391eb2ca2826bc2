"""The shape of the tree."""

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest
from tree import ROOT, Distribution, distribution, distributions, parse, python_files, services

LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def each(dist: Distribution) -> str:
    return dist.package


def test_platform_is_a_folder_and_never_a_package() -> None:
    """A package of that name would replace the standard library's."""
    assert not list(ROOT.glob("*/__init__.py"))
    assert not (ROOT / "__init__.py").exists()


def test_the_workspace_lists_every_distribution() -> None:
    members = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]

    assert sorted(members) == sorted(str(dist.folder.relative_to(ROOT)) for dist in distributions())


@pytest.mark.parametrize("dist", distributions(), ids=each)
def test_each_distribution_is_built_and_tested_by_itself(dist: Distribution) -> None:
    document = tomllib.loads((dist.folder / "pyproject.toml").read_text())

    assert document["tool"]["pytest"]["ini_options"]["testpaths"] == ["tests"]
    assert document["tool"]["uv"]["build-backend"]["module-name"] == dist.package
    assert document["build-system"]["build-backend"] == "uv_build"
    assert (dist.folder / "src" / dist.package / "py.typed").is_file()


@pytest.mark.parametrize("dist", distributions(), ids=each)
def test_each_requirement_has_a_lower_bound(dist: Distribution) -> None:
    project = tomllib.loads((dist.folder / "pyproject.toml").read_text())["project"]

    assert not [one for one in project["dependencies"] if ">=" not in one and not one.startswith("pharos")]


@pytest.mark.parametrize("service", services(), ids=each)
def test_all_services_are_alike(service: Distribution) -> None:
    package = service.folder / "src" / service.package
    expected = {
        *("service.toml", "pyproject.toml", "README.md", "openapi.json", "justfile", "tests"),
        *(f"src/{service.package}/{name}.py" for name in ("__init__", "__main__", "app", "settings", "api", "tables")),
        f"src/{service.package}/piccolo_migrations",
    }

    missing = {name for name in expected if not (service.folder / name).exists()}

    assert not missing
    assert (package / "domain.py").exists() or (package / "domain").is_dir()
    assert len(list((package / "piccolo_migrations").glob("*_*.py"))) >= 2


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}

    assert not {_where(path): length for path, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_longer_than_forty_lines() -> None:
    """Docstrings are not counted."""
    found = {
        f"{_where(path)}:{function.lineno} {function.name}": length
        for path in python_files()
        for function in ast.walk(parse(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _length(function)) > LONGEST_FUNCTION
    }

    assert not found


def test_what_is_public_in_chassis_is_documented() -> None:
    undocumented = {
        f"{module.where}:{node.lineno} {node.name}"
        for module in distribution("chassis").modules
        for node in _public(module.tree)
        if not ast.get_docstring(node) and not _is_overload(node)
    }
    silent = {module.where for module in distribution("chassis").modules if not ast.get_docstring(module.tree)}

    assert not undocumented | silent


def test_nothing_reads_the_environment_when_it_is_imported() -> None:
    found = {
        f"{module.where}:{node.lineno}"
        for dist in distributions()
        for module in dist.modules
        if not module.name.endswith("__main__")
        for statement in module.tree.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If)
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }

    assert not found


def test_no_secret_and_no_database_is_checked_in() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split(
        "\n"
    )

    assert not [name for name in tracked if Path(name).suffix in {".jwk", ".pem", ".key", ".db", ".sqlite", ".log"}]


def _where(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "overload" for decorator in node.decorator_list)


def _public(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    members = [
        node
        for owner in top
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, kinds) and not node.name.startswith("_")
    ]
    return top + members
