"""Finds the value of an event or a result that JSON cannot represent, and suggests a replacement.

The local engine contains this file too, and uses it for the results of Python functions. Therefore it runs with Python
3.8, imports nothing and does not depend on this package.
"""
from __future__ import annotations

DEPTH_MAX = 100
KEY_LENGTH_MAX = 40
SCALARS = (str, int, float, type(None))
# Attributes that only objects of these kinds have, and the replacement of such an object.
HINTS_BY_ATTRIBUTE = (
    ("__dataclass_fields__", "dataclasses.asdict(value)"), ("model_dump", "value.model_dump(mode='json')"),
    ("isoformat", "value.isoformat()"), ("total_seconds", "value.total_seconds()"), ("as_tuple", "str(value) or float(value)"),
    ("to_dict", "value.to_dict()"), ("item", "value.item()"), ("__next__", "list(value)"), ("__await__", "the result of `await`"),
    ("__fspath__", "str(value)"), ("urn", "str(value)"),
)
HINTS_BY_TYPE = (((set, frozenset), "sorted(value) or list(value)"), ((bytes, bytearray, memoryview), "base64.b64encode(value).decode()"))


def json_problem(value: object, name: str, also_accepted: tuple[type, ...] = ()) -> str:
    """Describes the first value that JSON cannot represent: "event['at'] has the type datetime.datetime; use value.isoformat()".

    `name` is the name of the whole value. Returns an empty text if no such value is found. also_accepted are types that
    the caller can write.
    """
    return find(value, name, also_accepted, ()) or ""


def find(value: object, path: str, also_accepted: tuple[type, ...], parents: tuple[int, ...]) -> str | None:
    """Returns the description of the first problem in a value, or None. `parents` are the ids of the enclosing values."""
    if isinstance(value, also_accepted):
        return None
    if isinstance(value, SCALARS):
        return "%s is %r" % (path, value) if isinstance(value, float) and value - value != 0 else None
    if not isinstance(value, (dict, list, tuple)):
        return "%s has the type %s%s" % (path, type_name(value), use(value))
    if id(value) in parents:
        return "%s contains itself" % path
    if len(parents) == DEPTH_MAX:
        return "%s is nested more than %d levels deep" % (path[:KEY_LENGTH_MAX] + "...", DEPTH_MAX)
    parents += (id(value),)
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if not isinstance(key, SCALARS):
            return "%s has a key of the type %s; use str" % (path, type_name(key))
        problem = find(item, "%s[%s]" % (path, short(key)), also_accepted, parents)
        if problem is not None:
            return problem
    return None


def short(key: object) -> str:
    """Returns the repr of a key, shortened."""
    text = repr(key[:KEY_LENGTH_MAX] if isinstance(key, str) else key)
    return text[:-1] + "..." + text[-1] if isinstance(key, str) and len(key) > KEY_LENGTH_MAX else text


def type_name(value: object) -> str:
    """Returns the name of a value's type with its module, unless it is a built-in type: pathlib.Path, not pathlib._local.Path."""
    kind = type(value)
    module = ".".join(part for part in kind.__module__.split(".") if not part.startswith("_")) or kind.__module__
    return kind.__qualname__ if module == "builtins" else "%s.%s" % (module, kind.__qualname__)


def use(value: object) -> str:
    """Returns "; use ..." with an expression that JSON can represent, or an empty text."""
    for types, hint in HINTS_BY_TYPE:
        if isinstance(value, types):
            return "; use " + hint
    if type(value).__module__.partition(".")[0] == "numpy":
        return "; use " + ("value.item()" if getattr(value, "ndim", 1) == 0 else "value.tolist()")
    for attribute, hint in HINTS_BY_ATTRIBUTE:
        if hasattr(type(value), attribute):
            return "; use " + hint
    return "; use value.value" if type(type(value)).__name__ in ("EnumMeta", "EnumType") else ""
