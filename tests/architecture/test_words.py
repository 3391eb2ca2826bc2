"""The platform knows no service and no business by name."""

import ast
import re
from collections.abc import Iterator

import pytest
from tree import Distribution, Module, distribution, services

BUSINESS = {
    "basket",
    "cart",
    "customer",
    "invoice",
    "ledger",
    "payment",
    "product",
    "refund",
    "reservation",
    "saga",
    "sku",
    "stock",
}
WORDS = BUSINESS | {service.package for service in services()}


def each(module: Module) -> str:
    return module.name


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name and every text of the module; docstrings may take their examples from the business."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield getattr(node, "lineno", 0), name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield node.lineno, text


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", text).lower()))


PLATFORM: list[Distribution] = [distribution(name) for name in ("chassis", "warden", "lens", "edge")]


@pytest.mark.parametrize("dist", PLATFORM, ids=lambda dist: dist.package)
def test_no_business_word_and_no_service_is_named_in_the_platform(dist: Distribution) -> None:
    found = {
        f"{module.where}:{line}: {word}"
        for module in dist.modules
        for line, text in texts(module.tree)
        for word in words_of(text) & WORDS
    }

    assert not found
