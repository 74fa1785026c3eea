"""From a Python function to what has to go into the package, and what Lambda's Handler setting is then.

A function of a module goes along with the whole top-level package or file that it is in. One of a program, of a test
file or of a notebook can't: importing those again would run the program; Program_Source says what goes instead.
"""
from __future__ import annotations

import os
import sys
import types

from osbot_aws.deploy.Module_Files import Module_Files, find_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def handler_source(function: Callable[..., Any]) -> tuple[str, Module_Files]:
    """('shop.orders.run', the files of shop). Raises ValueError that says what to do instead."""
    check_handler(function)
    module = real_module_name(function)
    if module is None:
        # What reads sources costs more to import than all the rest of a deploy, and most handlers are in modules.
        from osbot_aws.deploy.Program_Source import source_of_program
        return source_of_program(function)
    check_is_found_by_name(function, module)
    return f"{module}.{function.__name__}", find_module(module.partition(".")[0])


def check_handler(function: Callable[..., Any]) -> None:
    """Raises ValueError, saying what to do instead, unless it is made with `def` at the top of a module."""
    if not isinstance(function, types.FunctionType):
        raise ValueError(f"the handler is {function!r}: it has to be a function, made with `def` at the top of a module")
    if function.__name__ == "<lambda>":
        raise ValueError("the handler is a lambda expression, which has no name in Lambda: make it a function with `def`")
    if "<locals>" in function.__qualname__:
        raise ValueError(f"the handler {function.__qualname__} is made inside a function, where Lambda can't find it: move it to "
                         "the top of a module. If a decorator made it, give the decorator functools.wraps()")
    if "." in function.__qualname__:
        raise ValueError(f"the handler {function.__qualname__} belongs to a class: make a function at the top of the module that "
                         "calls it")


def check_is_found_by_name(function: Callable[..., Any], module: str) -> None:
    """Raises ValueError unless the function's module has it under its name."""
    found = getattr(sys.modules.get(function.__module__), function.__name__, None)
    if found is not function:
        raise ValueError(f"{module}.{function.__name__} is {found!r}, not the handler: Lambda finds a handler by its name. If a "
                         "decorator made it, deploy the name that the decorator was written above")


def real_module_name(function: Callable[..., Any]) -> str | None:
    """None: a program, a test file or a notebook, which Lambda must not import."""
    module = sys.modules.get(function.__module__)
    file = getattr(module, "__file__", None)
    if file is None or is_test_file(os.path.basename(file)):
        return None
    if function.__module__ != "__main__":
        return function.__module__
    spec = getattr(module, "__spec__", None)  # of `python -m shop.orders`, which is part of a package
    return spec.name if spec is not None and "." in spec.name else None


def is_test_file(name: str) -> bool:
    """True: pytest takes a file of this name for its own."""
    return name == "conftest.py" or name.endswith("_test.py") or (name.startswith("test_") and name.endswith(".py"))
