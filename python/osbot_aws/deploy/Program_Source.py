"""Extracts the source of a handler in a program, a test file or a notebook, with the code that it uses.

From a file, takes the top-level statements that define the required names. From a notebook, takes the functions,
classes, modules and constants that the names refer to.
"""
from __future__ import annotations

import ast
import dis
import inspect
import linecache
import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from osbot_aws.deploy.Module_Files import Module_Files

READS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
WRITES = {"STORE_NAME", "STORE_GLOBAL"}


def source_of_program(decorated: Callable[..., Any]) -> tuple[str, Module_Files]:
    """Returns, for example, ('program.run', a module with the source that `run` needs).

    Raises ValueError with the name that cannot be packed.
    """
    function: types.FunctionType = inspect.unwrap(decorated)  # the wrapper may come from another file
    file = source_file(function)
    if file is None:
        module = function.__name__
        source = definitions_for(function)
    else:
        module = re.sub(r"\W", "_", os.path.splitext(os.path.basename(file))[0])
        with open(file, encoding="utf-8") as opened:
            source = statements_for(function.__name__, opened.read(), file)
    return f"{module}.{function.__name__}", Module_Files(module, source=source)


def source_file(function: types.FunctionType) -> str | None:
    """Returns the file that defines the function; None if it is not the file of the function's module."""
    file: str | None = function.__globals__.get("__file__")
    defining_file = inspect.getsourcefile(function)
    if file is None or defining_file is None or not os.path.isfile(file) or not os.path.isfile(defining_file):
        return None
    return file if os.path.samefile(file, defining_file) else None


# ---- a file: the required statements, in their order ----


def statements_for(name: str, text: str, file: str) -> str:
    """Returns the text of the top-level statements of a file that `name` needs.

    Raises ValueError if no top-level statement defines it.
    """
    tree = ast.parse(text, file)
    imported = {name for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) for name in names_of(node)[1]}
    statements = [(node, *names_of(node)) for node in tree.body if not is_main_guard(node)]
    statements = [(node, reads, writes | changed_names(node) - imported) for node, reads, writes in statements]
    needed: set[str] = {name}
    selected: set[int] = set()
    while True:
        more = {at for at, (node, reads, writes) in enumerate(statements) if writes & needed or is_always_needed(node)} - selected
        if not more:
            break
        selected |= more
        for at in more:
            needed |= statements[at][1]
    if not any(name in statements[at][2] for at in selected):
        raise ValueError(f"the handler {name} is not defined at the top level of {file}: move it out of the enclosing statement")
    lines = text.splitlines()
    return "\n".join("\n".join(lines[first_line(node) - 1:node.end_lineno])
                     for at, (node, _, _) in enumerate(statements) if at in selected) + "\n"


def names_of(node: ast.stmt) -> tuple[set[str], set[str]]:
    """Returns the module-level names that a statement reads and writes, as resolved by the compiler."""
    reads: set[str] = set()
    writes: set[str] = set()
    for instruction in instructions_of(compile(ast.Module([node], []), "<statement>", "exec", dont_inherit=True)):
        if instruction.opname in READS:
            reads.add(instruction.argval)
        if instruction.opname in WRITES:
            writes.add(instruction.argval)
    return reads, writes


def changed_names(node: ast.stmt) -> set[str]:
    """Returns the names whose value a statement modifies: table["a"] = 1, settings.limit += 1, table.update(...)."""
    places: list[ast.expr] = []
    if isinstance(node, (ast.Assign, ast.Delete)):
        places = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        places = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        places = [node.value.func]
    changed = set()
    for place in places:
        inside = place
        while isinstance(inside, (ast.Attribute, ast.Subscript)):
            inside = inside.value
        if inside is not place and isinstance(inside, ast.Name):
            changed.add(inside.id)
    return changed


def instructions_of(code: types.CodeType) -> Iterator[dis.Instruction]:
    """Yields the instructions of the code, including nested functions and classes."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from instructions_of(constant)


def is_main_guard(node: ast.stmt) -> bool:
    """Returns whether the statement is `if __name__ == "__main__":` or similar; such statements are not packed."""
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def is_always_needed(node: ast.stmt) -> bool:
    """Returns whether a statement is packed in any case, because its names do not show its effect."""
    return isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*")


def first_line(node: ast.stmt) -> int:
    """Returns the line number, from 1, at which a statement starts, including its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno] + [decorator.lineno for decorator in decorators])


# ---- a notebook, or any code without a file: the current values of the names ----


def definitions_for(function: types.FunctionType) -> str:
    """Returns the source of a module: imports, the definitions that the function uses, and the function.

    Raises ValueError with the name that cannot be packed.
    """
    imports: list[str] = []
    definitions: list[str] = []
    seen = {function.__name__}
    add_definition(function, function.__globals__, imports, definitions, seen)
    return "\n".join(imports + definitions) + "\n"


def add_definition(thing: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], seen: set[str]) -> None:
    """Appends the source of a function or class to `definitions`, after all definitions that it uses."""
    try:
        source = class_source(thing) if isinstance(thing, type) else inspect.getsource(thing)
    except (OSError, TypeError) as error:
        raise ValueError(f"the source of {thing.__name__} is not available: define it in a file") from error
    reads, _ = names_of_text(source)
    for name in sorted(reads - seen):
        if name in namespace:  # other names are built-in, or a NameError in the program too
            seen.add(name)
            add_name(name, namespace[name], namespace, imports, definitions, seen)
    definitions.append(source)


def class_source(cls: type) -> str:
    """Returns the source of a class.

    Searches linecache, because inspect does not support classes without a module file. linecache has the executed
    notebook cells, the latest one last.
    """
    for _, _, lines, name in [entry for entry in reversed(list(linecache.cache.values())) if len(entry) == 4]:
        if os.path.isfile(name) and "ipykernel" not in name:
            continue
        try:
            cell = ast.parse("".join(lines))
        except SyntaxError:  # an invalid cell, which was not executed
            continue
        for node in cell.body:
            if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
                return "".join(lines[first_line(node) - 1:node.end_lineno])
    return inspect.getsource(cls)


def names_of_text(source: str) -> tuple[set[str], set[str]]:
    """Returns names_of() of all statements of a text together."""
    reads: set[str] = set()
    writes: set[str] = set()
    for node in ast.parse(source).body:
        more = names_of(node)
        reads |= more[0]
        writes |= more[1]
    return reads, writes


def add_name(name: str, value: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], seen: set[str]) -> None:
    """Appends code that binds `name` to `value`: an import, a definition or a constant.

    Raises ValueError if there is none.
    """
    home = getattr(value, "__module__", None)
    own_name = getattr(value, "__qualname__", None)
    if isinstance(value, types.ModuleType):
        imports.append(f"import {value.__name__} as {name}" if value.__name__ != name else f"import {name}")
    elif isinstance(value, (types.FunctionType, type)) and home == namespace.get("__name__"):
        add_definition(value, namespace, imports, definitions, seen)
    elif home and own_name and "." not in own_name and getattr(sys.modules.get(home), own_name, None) is value:
        imports.append(f"from {home} import {own_name}" + (f" as {name}" if own_name != name else ""))
    elif is_literal(value):
        definitions.append(f"{name} = {value!r}")
    else:
        raise ValueError(f"the handler uses {name}, which is {value!r:.80}: this value cannot be packed. Create it inside the "
                         "handler, or move the handler and the code that it uses into a file")


def is_literal(value: Any) -> bool:
    """Returns whether repr(value) is Python code that evaluates to an equal value."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False
