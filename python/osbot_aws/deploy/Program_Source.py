"""Extracts the source of a handler in a program, a test file or a notebook, with the code that it uses.

From a file, it takes the top-level statements that define the required names. From a notebook, it takes the functions,
classes, modules, loggers and constants that the names refer to.
"""
from __future__ import annotations

import ast
import dis
import inspect
import linecache
import logging
import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from osbot_aws.core.Short_Repr import short_repr
from osbot_aws.deploy.Module_Files import Module_Files

READS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
WRITES = {"STORE_NAME", "STORE_GLOBAL"}
CONSTANT_SIZE_MAX = 100_000  # items and characters of a constant; parsing the text of 10 million items takes 6 GB


def source_of_program(decorated: Callable[..., Any]) -> tuple[str, Module_Files]:
    """Returns the Handler setting and the module to pack, for example ('program.run', the source that `run` needs).

    Raises ValueError with the name that cannot be packed.
    """
    function: types.FunctionType = inspect.unwrap(decorated)  # the wrapper may come from another file
    file = source_file(function)
    if file is None:
        module = function.__name__
        source = definitions_for(function)
    else:
        module = re.sub(r"\W", "_", os.path.splitext(os.path.basename(file))[0])
        with open(file, encoding="utf-8") as program:
            source = statements_for(function.__name__, program.read(), file)
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
        newly_selected = {at for at, (node, reads, writes) in enumerate(statements) if writes & needed or is_always_needed(node)} - selected
        if not newly_selected:
            break
        selected |= newly_selected
        for at in newly_selected:
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
    targets: list[ast.expr] = []
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = [node.value.func]
    changed = set()
    for target in targets:
        base = target
        while isinstance(base, (ast.Attribute, ast.Subscript)):
            base = base.value
        if base is not target and isinstance(base, ast.Name):
            changed.add(base.id)
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
    """Returns whether a statement is always packed, because its names do not show its effect."""
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
    visited = {function.__name__}
    add_definition(function, function.__globals__, imports, definitions, visited)
    return "\n".join(imports + definitions) + "\n"


def add_definition(definition: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], visited: set[str]) -> None:
    """Appends the source of a function or class to `definitions`, after all definitions that it uses."""
    try:
        source = class_source(definition) if isinstance(definition, type) else inspect.getsource(definition)
    except (OSError, TypeError) as error:
        raise ValueError(f"the source of {definition.__name__} is not available, because `python -i` and exec() do not store it: define "
                         "it in a file, a notebook or IPython") from error
    reads, _ = names_of_text(source)
    for name in sorted(reads - visited):
        if name in namespace and name not in visited:  # other names are built-ins, or raise NameError in the program too
            visited.add(name)
            add_name(name, namespace[name], namespace, imports, definitions, visited)
    definitions.append(source)


def class_source(cls: type) -> str:
    """Returns the source of a class.

    Searches linecache, because inspect does not support classes without a module file. linecache contains the executed
    notebook cells in the order of their execution.
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
    """Returns the combined names_of() of all statements of a text."""
    reads: set[str] = set()
    writes: set[str] = set()
    for node in ast.parse(source).body:
        node_reads, node_writes = names_of(node)
        reads |= node_reads
        writes |= node_writes
    return reads, writes


def add_name(name: str, value: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], visited: set[str]) -> None:
    """Appends code that binds `name` to `value`: an import, a definition or a constant.

    Raises ValueError if no such code exists.
    """
    module_name = getattr(value, "__module__", None)
    defined_name = getattr(value, "__qualname__", None)
    if isinstance(value, types.ModuleType):
        imports.append(f"import {value.__name__} as {name}" if value.__name__ != name else f"import {name}")
    elif module_name == namespace.get("__name__") and defined_name and is_defined_here(value, namespace):
        add_own_definition(name, value, namespace, imports, definitions, visited)
    elif module_name not in (None, namespace.get("__name__")) and defined_name and "." not in defined_name and getattr(sys.modules.get(module_name), defined_name, None) is value:
        imports.append(f"from {module_name} import {defined_name}" + (f" as {name}" if defined_name != name else ""))
    elif is_large(value):
        raise ValueError(f"the handler uses {name}, which is {short_repr(value)}: it has more than {CONSTANT_SIZE_MAX:,} items or characters. "
                         "Write it to a file, add the file with add_file(), and read it in the handler")
    elif is_literal(value):
        definitions.append(f"{name} = {value!r}")
    elif isinstance(value, re.Pattern):
        definitions.append(f"{name} = __import__('re').compile({value.pattern!r}, {value.flags})")
    elif isinstance(value, logging.Logger):
        definitions.append(f"{name} = __import__('logging').getLogger({value.name!r})\n{name}.setLevel({value.level})")
    else:
        raise ValueError(f"the handler uses {name}, which is {short_repr(value)}: this value cannot be packed. Create it inside the "
                         "handler, or move the handler and the code that it uses into a file")


def is_defined_here(value: Any, namespace: dict[str, Any]) -> bool:
    """Returns whether source code of the namespace defines the value: a class, a function, or a lambda expression.

    A decorated function counts if its decorator uses functools.wraps, as lru_cache does.
    """
    if value.__qualname__ == "<lambda>":
        return isinstance(value, types.FunctionType)
    return isinstance(inspect.unwrap(value), (types.FunctionType, type)) and namespace.get(value.__qualname__) is value


def add_own_definition(name: str, value: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], visited: set[str]) -> None:
    """Appends the source of a value that the namespace defines and, if `name` is another name of it, the assignment."""
    own_name = value.__qualname__
    if own_name in (name, "<lambda>"):
        add_definition(value, namespace, imports, definitions, visited)
        return
    if own_name not in visited:
        visited.add(own_name)
        add_definition(value, namespace, imports, definitions, visited)
    definitions.append(f"{name} = {own_name}")


def is_large(value: Any) -> bool:
    """Returns whether a constant has more than CONSTANT_SIZE_MAX items and characters, without creating its text."""
    remaining = CONSTANT_SIZE_MAX
    pending = [value]
    while pending and remaining >= 0:
        current = pending.pop()
        remaining -= len(current) if isinstance(current, (str, bytes, list, tuple, set, frozenset, dict)) else 0
        if remaining >= 0 and isinstance(current, (list, tuple, set, frozenset, dict)):
            pending.extend(current)
            pending.extend(current.values() if isinstance(current, dict) else ())
    return remaining < 0


def is_literal(value: Any) -> bool:
    """Returns whether repr(value) is Python code that evaluates to an equal value."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False
