"""Sends one request for each constraint in AWS's published models that it violates, to every operation that the engine has.

botocore's copy of the models is the expectation; the engine's tables are another reading of them, by tools/make_models. The wording
was recorded on AWS for Lambda (tests/unit/aws/validation_test.cpp).
"""
import re

import pytest
from botocore.exceptions import ClientError

CODES = {"iam": "ValidationError", "sts": "ValidationError", "logs": "InvalidParameterException"}
LENGTH_MAX = 3000  # longer texts only cost time

# Members that AWS's servers check in other words than the model, or that the engine's own rules widen (src/aws/exceptions.cpp).
OTHERWISE = {("sts", "GetAccessKeyInfo", "AccessKeyId")}
SAMPLES = ["abc", "1", "v1", "/", "/a/", "arn:aws:iam::000000000000:role/role", "arn:aws:logs:us-east-1:000000000000:log-group:g", "123456789012",
           "https://example.com", "AKIAIOSFODNN7EXAMPLE", "lambda.amazonaws.com", "ALL", "000000", "us-east-1"]


def python_pattern(text):
    """Returns a pattern of Java in Python's syntax, or None if Python cannot express it."""
    text = text.replace(r"\p{L}\p{Z}\p{N}", r"\w\s").replace(r"\u10000-\u10FFFF", "")
    try:
        return re.compile(text)
    except re.error:
        return None


def sample(shape):
    """Returns a value that satisfies the constraints of a shape."""
    if shape.type_name == "structure":
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [sample(shape.member)] * max(1, shape.metadata.get("min", 1))
    if shape.type_name == "map":
        return {sample(shape.key): sample(shape.value)}
    if shape.type_name == "string":
        return sample_text(shape)
    return {"integer": shape.metadata.get("min", 1), "long": shape.metadata.get("min", 1), "boolean": True, "timestamp": 0, "blob": b"",
            "double": 1.0, "float": 1.0}[shape.type_name]


def sample_text(shape):
    if shape.enum:
        return shape.enum[0]
    pattern = python_pattern(shape.metadata.get("pattern", ".*"))
    for text in SAMPLES:
        fitted = text.ljust(shape.metadata.get("min", 0), "a")
        if pattern is None or pattern.fullmatch(fitted):
            return fitted
    pytest.fail(f"no sample matches {shape.name}: {shape.metadata}")


def violations(shape):
    """Yields values of a shape, each with the words of the constraint that it violates."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("integer", "long"):
        if low is not None:
            yield low - 1, f"Member must have value greater than or equal to {low}"
        if high is not None and high < 2**31 - 1:
            yield high + 1, f"Member must have value less than or equal to {high}"
    if shape.type_name == "string":
        if shape.enum:
            yield "no-such-value", "Member must satisfy enum value set: [" + ", ".join(shape.enum) + "]"
        elif high is not None and high < LENGTH_MAX:
            yield sample_text(shape)[0] * (high + 1), f"Member must have length less than or equal to {high}"


def is_lacking(client, operation):
    """Returns True for an operation that the engine rejects by name."""
    answer = call(client, operation, {})
    lacking = answer is not None and answer[1] == 501
    assert not lacking or operation in answer[2], answer
    return lacking


def constraints_of(client):
    """Yields (operation, member, arguments, words) for each constraint of a member of an input."""
    model = client.meta.service_model
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        if shape is None or is_lacking(client, name):
            continue
        valid = sample(shape)
        for member, member_shape in shape.members.items():
            if (model.service_name, name, member) in OTHERWISE:
                continue
            if member in shape.required_members:
                yield name, member, {key: value for key, value in valid.items() if key != member}, "Member must not be null"
            for value, words in violations(member_shape):
                yield name, member, {**valid, member: value}, words


def call(client, operation, arguments):
    """Returns (code, status, message) of the error, or None."""
    try:
        client._make_api_call(operation, arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"]
    return None


@pytest.mark.parametrize("service", CODES)
def test_each_violated_constraint_is_named(engine, service):
    client = engine.client(service, parameter_validation=False, inject_host_prefix=False)
    checked, wrong = 0, []
    for operation, member, arguments, words in constraints_of(client):
        answer = call(client, operation, arguments)
        checked += 1
        path = member[0].lower() + member[1:]
        if answer is None or answer[:2] != (CODES[service], 400) or f"at '{path}' failed to satisfy constraint: {words}" not in answer[2]:
            wrong.append((operation, member, words, answer))
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert checked > 20, f"only {checked} constraints were checked"
