"""The base class of this package's public classes. Imports only the standard library: functions use it in Lambda."""
from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any

    from typing_extensions import Self


class Checked_Attributes:
    """Rejects the use of an attribute that does not exist, such as a misspelt setting, with the nearest name.

    Only an object's own methods may add an attribute to it, including those of subclasses in other programs.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass

    if not TYPE_CHECKING:  # with these methods, type checkers would accept every attribute

        def __init_subclass__(cls, **kwargs):
            super().__init_subclass__(**kwargs)
            cls._known_names = set(dir(cls))

        def __setattr__(self, name, value):
            if name not in self._known_names:
                check_new_name(self, name, sys._getframe(1))
            object.__setattr__(self, name, value)

        def __getattr__(self, name):
            raise missing_attribute(self, name)


def check_new_name(value: Any, name: str, frame: FrameType) -> None:
    """Raises AttributeError unless the object's class has the name now, or the frame runs a method of the object.

    The name is then known for all objects of the class, because the check takes longer than setting an attribute.
    """
    if not hasattr(type(value), name) and not is_method_of(value, frame):
        raise missing_attribute(value, name)
    type(value)._known_names.add(name)


def is_method_of(value: object, frame: FrameType) -> bool:
    """Returns whether the frame runs a method of the object: its first argument is the object."""
    code = frame.f_code
    return code.co_argcount > 0 and frame.f_locals.get(code.co_varnames[0]) is value


def missing_attribute(value: object, name: str) -> AttributeError:
    """Creates the error for an attribute that does not exist, with the nearest name or the original's replacement."""
    message = f"{type(value).__name__} has no attribute '{name}'"
    if not name.startswith("_"):  # private names are tried by other programs, such as notebooks
        message += hint(value, name)
    error = AttributeError(message)
    error.name = name  # a name without `obj`: Python then adds no suggestion of its own
    return error


def hint(value: object, name: str) -> str:
    """Returns the fix for a missing attribute, or an empty text."""
    if missing := names_of_original(type(value)).get(name):
        return (f": osbot-aws-cpp does not have this name of OSBot-AWS. Instead: {missing} "
                "(docs/reference/python_names.md)")
    import difflib

    names = [known for known in dir(value) if not known.startswith("_")]
    near = difflib.get_close_matches(name, names, 1) or [known for known in names if name in known.split("_")]
    return f": did you mean '{near[0]}'?" if near else ""


def names_of_original(cls: type[Any]) -> dict[str, str]:
    """Returns {name: replacement} of the original class's names that this class does not have."""
    try:
        from osbot_aws.core.Original_Names import NOT_AVAILABLE
    except ImportError:  # inside Lambda
        return {}
    return {name: instead for base in cls.__mro__ for name, instead in NOT_AVAILABLE.get(base.__name__, {}).items()}
