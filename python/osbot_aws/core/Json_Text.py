"""Events as json.dumps() writes them and results as json.loads() reads them, by the C halves of `json`: the module itself imports `re`
and `enum`, which a program that deploys and invokes would wait for."""
from __future__ import annotations

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPACE = " \t\n\r"


class _Reading:
    """What the scanner asks of a json.JSONDecoder."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


_reading: Any = _Reading  # the stubs ask for what the module's own Python gives
_scan = make_scanner(_reading)


def _refuse(value: object) -> object:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def dumps(value: object) -> str:
    """Without spaces, members in their order. Raises TypeError and ValueError in json's words, for NaN and infinity too."""
    write = make_encoder({}, _refuse, encode_basestring_ascii, None, ":", ",", False, False, False)
    return "".join(write(value, 0))


def loads(text: str) -> Any:
    """Raises ValueError when it is no JSON."""
    try:
        value, end = _scan(text, len(text) - len(text.lstrip(SPACE)))
    except StopIteration:
        raise ValueError("no JSON") from None
    if text[end:].strip(SPACE):
        raise ValueError("there is something after the JSON")
    return value
