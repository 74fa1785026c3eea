"""Determines which files of a Python handler are packed, and the value of Lambda's Handler setting.

A handler in a module is packed with the whole top-level package or file of that module. A handler in a program, a test
file or a notebook cannot be packed this way, because importing the file again would run the program; Program_Source
extracts the code that it needs.
"""
from __future__ import annotations

import os
import sys
import types

from osbot_aws.core.Short_Repr import short_repr
from osbot_aws.deploy.Module_Files import Module_Files, find_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAIN = ("__main__", "__mp_main__")  # multiprocessing imports the program as __mp_main__ in its processes
ASYNC = 0x80 | 0x200  # inspect.CO_COROUTINE and CO_ASYNC_GENERATOR; importing inspect takes longer than a deploy


def handler_source(function: Callable[..., Any]) -> tuple[str, Module_Files]:
    """Returns the Handler setting and the files to pack, for example ('shop.orders.run', files of shop).

    Raises ValueError with the fix if Lambda could not find the handler.
    """
    check_handler(function)
    module = real_module_name(function)
    if module is None:
        # Imported only if needed: it takes longer than the rest of a deploy, and most handlers are in modules.
        from osbot_aws.deploy.Program_Source import source_of_program
        return source_of_program(function)
    check_is_found_by_name(function, module)
    return f"{module}.{function.__name__}", find_module(module.partition(".")[0])


def check_handler(function: Callable[..., Any]) -> None:
    """Raises ValueError with the fix unless the handler is a function that is defined at the top level of a module."""
    if not isinstance(function, types.FunctionType):
        raise ValueError(f"the handler is {short_repr(function)}: it must be a function defined with `def` at the top level of a module")
    if function.__code__.co_flags & ASYNC:
        raise ValueError(f"the handler {function.__qualname__} is an async function, which Lambda does not await: deploy a function "
                         f"that runs it, `def handler(event, context): return asyncio.run({function.__name__}(event, context))`")
    if function.__name__ == "<lambda>":
        raise ValueError("the handler is a lambda expression, which has no name: define it with `def`")
    if "<locals>" in function.__qualname__:
        raise ValueError(f"the handler {function.__qualname__} is defined inside a function, where Lambda cannot find it: move it to "
                         "the top level of a module. If a decorator created it, use functools.wraps() in the decorator")
    if "." in function.__qualname__:
        raise ValueError(f"the handler {function.__qualname__} belongs to a class: define a function at the top level of the module "
                         "that calls it")


def check_is_found_by_name(function: Callable[..., Any], module: str) -> None:
    """Raises ValueError unless the function's module contains it under its own name."""
    current = getattr(sys.modules.get(function.__module__), function.__name__, None)
    if current is not function:
        raise ValueError(f"{module}.{function.__name__} is {short_repr(current)}, not the handler: Lambda finds a handler by its name. If a "
                         "decorator created it, deploy the decorated name")


def real_module_name(function: Callable[..., Any]) -> str | None:
    """Returns the name of the function's module; None for a program, a test file or a notebook.

    Lambda must not import those.
    """
    module = sys.modules.get(function.__module__)
    file = getattr(module, "__file__", None)
    if file is None or is_test_file(os.path.basename(file)):
        return None
    if function.__module__ not in MAIN:
        return function.__module__
    spec = getattr(module, "__spec__", None)  # set for `python -m shop.orders`, a module of a package
    return spec.name if spec is not None and "." in spec.name else None


def is_test_file(name: str) -> bool:
    """Returns whether pytest collects a file of this name."""
    return name == "conftest.py" or name.endswith("_test.py") or (name.startswith("test_") and name.endswith(".py"))
