"""The source of a handler that is in a program, a test file or a notebook, with what it uses: of a file the top-level
statements that define those names, of a notebook the functions, classes, modules and constants behind them.
"""
from __future__ import annotations

import ast
import builtins
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
    """('program.run', a module of the source that `run` needs). Raises ValueError naming what can't go along."""
    function: types.FunctionType = inspect.unwrap(decorated)  # a decorator's own file is another
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
    """None: the function was not made in its module's file, or there is none."""
    file: str | None = function.__globals__.get("__file__")
    made_in = inspect.getsourcefile(function)
    if file is None or made_in is None or not os.path.isfile(file) or not os.path.isfile(made_in):
        return None
    return file if os.path.samefile(file, made_in) else None


# ---- a file: the statements that are needed, in their order ----


def statements_for(name: str, text: str, file: str) -> str:
    """The text of the file's top-level statements that `name` needs. Raises ValueError when none of them makes it."""
    tree = ast.parse(text, file)
    imported = {name for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) for name in names_of(node)[1]}
    statements = [(node, *names_of(node)) for node in tree.body if not is_main_guard(node)]
    statements = [(node, reads, writes | changed_names(node) - imported) for node, reads, writes in statements]
    needed: set[str] = {name}
    kept: set[int] = set()
    while True:
        more = {at for at, (node, reads, writes) in enumerate(statements) if writes & needed or is_always_kept(node)} - kept
        if not more:
            break
        kept |= more
        for at in more:
            needed |= statements[at][1]
    if not any(name in statements[at][2] for at in kept):
        raise ValueError(f"the handler {name} is not made at the top of {file}: move it out of the `if` around it")
    lines = text.splitlines()
    return "\n".join("\n".join(lines[first_line(node) - 1:node.end_lineno])
                     for at, (node, _, _) in enumerate(statements) if at in kept) + "\n"


def names_of(node: ast.stmt) -> tuple[set[str], set[str]]:
    """What a statement reads of the module's names, and what it writes; the compiler knows which names are whose."""
    reads: set[str] = set()
    writes: set[str] = set()
    for instruction in instructions_of(compile(ast.Module([node], []), "<statement>", "exec", dont_inherit=True)):
        if instruction.opname in READS:
            reads.add(instruction.argval)
        if instruction.opname in WRITES:
            writes.add(instruction.argval)
    return reads, writes


def changed_names(node: ast.stmt) -> set[str]:
    """Names whose value a statement changes: table["a"] = 1, settings.limit += 1, table.update(...)."""
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
    """Those of the code, and of the functions and classes in it."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from instructions_of(constant)


def is_main_guard(node: ast.stmt) -> bool:
    """True: `if __name__ == "__main__":` and its like, which stay behind."""
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def is_always_kept(node: ast.stmt) -> bool:
    """Statements whose effect their names don't tell."""
    return isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*")


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins, with its decorators; the file's first is 1."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno] + [decorator.lineno for decorator in decorators])


# ---- a notebook, or any code without a file: what the names stand for now ----


def definitions_for(function: types.FunctionType) -> str:
    """A module's source: imports, then what the function uses, then itself. Raises ValueError naming what can't go along."""
    imports: list[str] = []
    definitions: list[str] = []
    seen = {function.__name__}
    add_definition(function, function.__globals__, imports, definitions, seen)
    return "\n".join(imports + definitions) + "\n"


def add_definition(thing: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], seen: set[str]) -> None:
    """Appends a function's or class's source to `definitions`, after all that it uses."""
    try:
        source = class_source(thing) if isinstance(thing, type) else inspect.getsource(thing)
    except (OSError, TypeError) as error:
        raise ValueError(f"the source of {thing.__name__} is not known to this Python: put it into a file") from error
    reads, _ = names_of_text(source)
    for name in sorted(reads - seen):
        if name in namespace:
            seen.add(name)
            add_name(name, namespace[name], namespace, imports, definitions, seen)
        elif not hasattr(builtins, name):
            pass  # a NameError there as it would be here
    definitions.append(source)


def class_source(wanted: type) -> str:
    """inspect knows no classes of a module without a file; cells that were run are in linecache, the last one last."""
    for _, _, lines, name in [entry for entry in reversed(list(linecache.cache.values())) if len(entry) == 4]:
        if os.path.isfile(name) and "ipykernel" not in name:
            continue
        try:
            cell = ast.parse("".join(lines))
        except SyntaxError:  # of a cell that was never run
            continue
        for node in cell.body:
            if isinstance(node, ast.ClassDef) and node.name == wanted.__name__:
                return "".join(lines[first_line(node) - 1:node.end_lineno])
    return inspect.getsource(wanted)


def names_of_text(source: str) -> tuple[set[str], set[str]]:
    """names_of() of all statements together."""
    reads: set[str] = set()
    writes: set[str] = set()
    for node in ast.parse(source).body:
        more = names_of(node)
        reads |= more[0]
        writes |= more[1]
    return reads, writes


def add_name(name: str, value: Any, namespace: dict[str, Any], imports: list[str], definitions: list[str], seen: set[str]) -> None:
    """Appends what makes `name` stand for `value`: an import, a definition or a constant. Raises ValueError when nothing does."""
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
        raise ValueError(f"the handler uses {name}, which is {value!r:.80}: it can't go along. Make it inside the handler, or put the "
                         "handler and what it uses into a file")


def is_literal(value: Any) -> bool:
    """True: repr() of it is Python that gives an equal value."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False
