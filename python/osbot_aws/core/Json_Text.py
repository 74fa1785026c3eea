"""Writes events like json.dumps() and reads results like json.loads(), using only the C part of Python's json.

The json module itself imports `re` and `enum`, which would delay the start of a program that deploys and invokes.
"""
from __future__ import annotations

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPACE = " \t\n\r"


class _Decoder_Settings:
    """The attributes of a json.JSONDecoder that the scanner reads."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


_decoder: Any = _Decoder_Settings  # Any: the type stubs expect the JSONDecoder of the json module
_scan = make_scanner(_decoder)


def _raise_not_serializable(value: object) -> object:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def dumps(value: object) -> str:
    """Returns a value as JSON without spaces; members keep their order.

    Raises TypeError and ValueError with the messages of json.dumps(), followed by the path of the value and a hint. NaN
    and infinity are errors.
    """
    write = make_encoder({}, _raise_not_serializable, encode_basestring_ascii, None, ":", ",", False, False, False)
    try:
        return "".join(write(value, 0))
    except (TypeError, ValueError) as error:
        from osbot_aws.core.Json_Problem import json_problem

        problem = json_problem(value, "event")
        raise type(error)(f"{error}: {problem}" if problem else str(error)) from None


def loads(text: str) -> Any:
    """Parses JSON. Raises ValueError if the text is not JSON."""
    try:
        value, end = _scan(text, len(text) - len(text.lstrip(SPACE)))
    except StopIteration:
        raise ValueError("the text is not JSON") from None
    if text[end:].strip(SPACE):
        raise ValueError("unexpected text after the JSON value")
    return value
