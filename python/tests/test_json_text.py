"""Tests that events and results are written and read exactly like by Python's json module."""
import collections
import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import uuid

import pytest

from osbot_aws import _core
from osbot_aws.core import Json_Text
from osbot_aws.core.Json_Problem import json_problem


class Text(str):
    pass


def nested(depth):
    return [nested(depth - 1)] if depth else []


LOOP = []
LOOP.append(LOOP)
VALUES = [None, True, 0, -1.5, 10**40, 1e300, "é \ud83d \u2028 \\ \"", Text("own"), [], {}, [1, [2, (3,)]], {"b": 1, "a": {"c": None}},
          {1: 2, 2.5: 3, True: 4, None: 5}, collections.OrderedDict(z=1, a=2), "\x7f\x1f plain", [-2**63, 2**63 - 1, 2**63, 1e16, -0.0],
          {"\ud83d": ()}, nested(200), {1, 2}, b"bytes", {(1, 2): 3}, object(), [float("nan")], -math.inf, LOOP]
TEXTS = ["1", " \t[1 , 2.50, 1e5, -0]\r\n", '{"b": 1, "a": [true, false, null]}', '"\\u00e9\\ud83d\\ude00"', "NaN", "[Infinity, -Infinity]",
         "9" * 40, "18446744073709551615", "1e400", '{"a": 1, "a": [{"b": {}}]}', "", " ", "1 2", "[1,]", "{'a': 1}", '{"a" 1}', '"open',
         "[", "nul", '"line\nend"', "\ufeff1", "{}\0", '{"a": 1}\0{}']


def outcome(function, argument):
    """Returns the repr of the result, or the type and the start of the message of the error."""
    try:
        return repr(function(argument))
    except (TypeError, ValueError) as error:
        return type(error), str(error).partition(":")[0]


@pytest.mark.parametrize("dumps", [Json_Text.dumps, _core.event_text], ids=["python", "core"])
@pytest.mark.parametrize("value", VALUES, ids=[repr(value)[:20] for value in VALUES])
def test_dumps_equals_json_dumps(dumps, value):
    expected = outcome(lambda argument: json.dumps(argument, separators=(",", ":"), allow_nan=False), value)
    if value is None and dumps is _core.event_text:
        expected = repr("{}")  # the event of a call without a payload
    assert outcome(dumps, value) == expected
    assert outcome(dumps, value) == expected  # the second call shows that an error leaves no state


@pytest.mark.parametrize("text", TEXTS)
def test_loads_equals_json_loads(text):
    expected = outcome(json.loads, text)
    assert outcome(Json_Text.loads, text) == expected if isinstance(expected, str) else pytest.raises(ValueError, Json_Text.loads, text)


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_parse_result_returns_invalid_json_as_raw_message(text):
    expected = outcome(json.loads, text)
    assert outcome(_core.parse_result, text) == (expected if isinstance(expected, str) else repr({"raw_message": text}))


@dataclasses.dataclass
class Order:
    number: int


class Colour(enum.Enum):
    RED = 1


class Scalar:
    """Has the attributes of a number of numpy."""

    ndim = 0


Scalar.__module__ = "numpy"


@pytest.mark.parametrize(("value", "description"), [
    (datetime.datetime(2026, 1, 2), "has the type datetime.datetime; use value.isoformat()"),
    (datetime.timedelta(1), "has the type datetime.timedelta; use value.total_seconds()"),
    (decimal.Decimal(1), "has the type decimal.Decimal; use str(value) or float(value)"),
    (Order(1), "has the type test_json_text.Order; use dataclasses.asdict(value)"),
    (Colour.RED, "has the type test_json_text.Colour; use value.value"),
    (Scalar(), "has the type numpy.Scalar; use value.item()"),
    (uuid.UUID(int=1), "has the type uuid.UUID; use str(value)"),
    (pathlib.PurePosixPath("/a"), "has the type pathlib.PurePosixPath; use str(value)"),
    ({1, 2}, "has the type set; use sorted(value) or list(value)"),
    (b"bytes", "has the type bytes; use base64.b64encode(value).decode()"),
    ((n for n in ()), "has the type generator; use list(value)"),
    (object(), "has the type object"),
    (float("nan"), "is nan"),
    ({(1, 2): 3}, "has a key of the type tuple; use str"),
    (LOOP, "[0] contains itself"),
], ids=lambda value: type(value).__name__)
def test_error_names_path_type_and_replacement(value, description):
    with pytest.raises((TypeError, ValueError)) as raised:
        _core.event_text({"items": [1, {"x" * 50: value}]})
    path = f"event['items'][1]['{'x' * 40}...']"
    # The text before it is Python's own, with the number since 3.13: "Out of range float values are not JSON compliant: nan"
    assert str(raised.value).endswith(": " + path + ("" if description.startswith("[") else " ") + description)


def test_error_of_a_huge_event_is_short():
    with pytest.raises(TypeError) as raised:
        _core.event_text({"items": ["x" * 1000] * 100_000 + [object()]})
    assert len(str(raised.value)) < 150


def test_json_problem_accepts_the_types_of_the_caller():
    assert json_problem({"a": [b"", decimal.Decimal(1), float("inf"), (1,)]}, "result", (bytes, decimal.Decimal, float)) == ""
