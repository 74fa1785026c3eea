"""Checks that every public name of the package has a docstring."""
import ast
import pathlib

import osbot_aws

PACKAGE = pathlib.Path(osbot_aws.__file__).parent
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def is_setter(node):
    """Returns whether the node is a property setter; help() shows only the getter's docstring."""
    return any(isinstance(decorator, ast.Attribute) and decorator.attr == "setter" for decorator in node.decorator_list)


def public_names(node, name):
    """Yields the node and the public classes, functions and methods in it, each with its dotted name."""
    yield name, node
    for child in node.body if isinstance(node, (ast.Module, ast.ClassDef)) else ():
        if isinstance(child, DEFINITIONS) and not child.name.startswith("_") and not is_setter(child):
            yield from public_names(child, f"{name}.{child.name}")


def names_without_docstring(source, name):
    return [dotted for dotted, node in public_names(ast.parse(source), name) if ast.get_docstring(node) is None]


def test_names_without_docstring_finds_each_kind_of_name():
    source = '''
class Bare:
    def method(self): ...
    def _private(self): ...
    def __len__(self): ...
    @property
    def size(self): ...
    @size.setter
    def size(self, value): ...
def function():
    def inside(): ...
async def later(): ...
def documented():
    """Returns nothing."""
class _Private:
    def method(self): ...
'''
    assert names_without_docstring(source, "m") == ["m", "m.Bare", "m.Bare.method", "m.Bare.size", "m.function", "m.later"]


def test_every_public_name_has_a_docstring():
    files = sorted(PACKAGE.rglob("*.py"))
    assert PACKAGE / "aws/lambda_/Lambda.py" in files
    missing = [name for file in files for name in names_without_docstring(file.read_text(), str(file.relative_to(PACKAGE.parent)))]
    assert not missing, f"{len(missing)} without a docstring:\n" + "\n".join(missing)
