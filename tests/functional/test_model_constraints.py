"""Sends one request for each constraint of AWS that it violates, to every operation that the engine has.

The expectation of Lambda, IAM, STS and Logs is botocore's copy of AWS's models; the engine's tables are another reading of them, by
tools/make_models. The wording was recorded on AWS for Lambda (tests/unit/aws/validation_test.cpp). SQS and S3 do not use these words:
their expectations are written here, from the documentation or recordings, and a member without one fails the test.
"""
import re

import pytest
from botocore.exceptions import ClientError

CODES = {"iam": "ValidationError", "sts": "ValidationError", "logs": "InvalidParameterException", "lambda": "ValidationException"}
LENGTH_MAX = 3000  # longer texts only cost time

# Members that AWS's servers check in other words than the model, or that the engine's own rules widen (src/aws/exceptions.cpp).
OTHERWISE = {("sts", "GetAccessKeyInfo", "AccessKeyId"),
             # Recorded: "Value x at 'runtime' failed to satisfy constraint: ... or be a valid ARN", InvalidParameterValueException
             ("lambda", "CreateFunction", "Runtime"), ("lambda", "UpdateFunctionConfiguration", "Runtime"),
             # Recorded: other runtimes in another order (lambda_constraints_test.cpp)
             ("lambda", "ListLayers", "CompatibleRuntime"), ("lambda", "ListLayerVersions", "CompatibleRuntime")}
# gettingstarted-limits.html: the models have the limits of managed instances. The position's values are recorded in this order.
RANGES = {"MemorySize": (128, 10240), "Timeout": (1, 900)}
ENUMS = {"EventSourcePosition": ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"], "RecursiveLoop": ["Terminate", "Allow"],
         "InvokeMode": ["RESPONSE_STREAM", "BUFFERED"], "OutputFormat": ["w3c", "raw", "json", "plain", "parquet"]}
SAMPLES = ["abc", "1", "v1", "/", "/a/", "arn:aws:iam::000000000000:role/role", "arn:aws:logs:us-east-1:000000000000:log-group:g", "123456789012",
           "https://example.com", "AKIAIOSFODNN7EXAMPLE", "lambda.amazonaws.com", "ALL", "000000", "us-east-1",
           "lambda:GetLayerVersion", "o-abcdefghij", "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdefg",
           "arn:aws:lambda:us-east-1::runtime:0123456789abcdef", "00000000-0000-4000-8000-000000000000",
           "arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:lambda:us-east-1:000000000000:layer:l:1", "ABCDEFGHIJKLMNOPQRSTUV"]


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


def rough_sample(shape):
    """Returns the required members without their constraints: enough for the engine to find the operation."""
    if shape.type_name == "structure":
        return {name: rough_sample(shape.members[name]) for name in shape.required_members}
    return {"list": [], "map": {}, "string": "abc", "boolean": True, "timestamp": 0, "blob": b""}.get(shape.type_name, 1)


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
    low, high = RANGES.get(shape.name, (shape.metadata.get("min"), shape.metadata.get("max")))
    if shape.type_name in ("integer", "long"):
        if low is not None:
            yield low - 1, f"Member must have value greater than or equal to {low}"
        if high is not None and high < 2**31 - 1:
            yield high + 1, f"Member must have value less than or equal to {high}"
    if shape.type_name == "string":
        if shape.enum:
            yield "no-such-value", "Member must satisfy enum value set: [" + ", ".join(ENUMS.get(shape.name, shape.enum)) + "]"
        elif high is not None and high < LENGTH_MAX:
            yield sample_text(shape)[0] * (high + 1), f"Member must have length less than or equal to {high}"


def is_lacking(client, operation, arguments):
    """Returns True for an operation that the engine rejects by name."""
    answer = call(client, operation, arguments)
    lacking = answer is not None and answer[1] == 501
    assert not lacking or operation in answer[2] or answer[2] == "Not Implemented", answer  # a response to HEAD has no body
    return lacking


def constraints_of(client):
    """Yields (operation, member, arguments, words) for each constraint of a member of an input."""
    model = client.meta.service_model
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        if shape is None or is_lacking(client, name, rough_sample(shape)):
            continue
        valid = sample(shape)
        for member, member_shape in shape.members.items():
            if (model.service_name, name, member) in OTHERWISE:
                continue
            if member in shape.required_members and member_shape.serialization.get("location") != "uri":
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


# Recorded: LocalStack, tests/aws/services/logs/test_logs_groups.snapshot.json, test_create_log_group_invalid_name_length
LONG_LOG_NAME = "Invalid LogGroup or LogStream, both must have length less than or equal to 512."


@pytest.mark.parametrize("service", CODES)
def test_each_violated_constraint_is_named(engine, service):
    client = engine.client(service, parameter_validation=False, inject_host_prefix=False)
    checked, wrong = 0, []
    for operation, member, arguments, words in constraints_of(client):
        answer = call(client, operation, arguments)
        checked += 1
        path = member[0].lower() + member[1:]
        # Recorded: the operations of deliveries have the code of AWS's newer services.
        code = "ValidationException" if service == "logs" and "Deliver" in operation else CODES[service]
        expected = f"at '{path}' failed to satisfy constraint: {words}"
        if service == "logs" and member in ("logGroupName", "logStreamName") and words.endswith("length less than or equal to 512"):
            expected = LONG_LOG_NAME
        if answer is None or answer[:2] != (code, 400) or expected not in answer[2]:
            wrong.append((operation, member, words, answer))
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert checked > 20, f"only {checked} constraints were checked"


# ---- SQS ------------------------------------------------------------------------------------------------------------

# The ranges of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/, with the words of AWS's errors:
# "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: ..."
SQS_RANGES = {"MaxNumberOfMessages": (1, 10), "WaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43200), "DelaySeconds": (0, 900),
              "MaxResults": (1, 1000), "MaxNumberOfMessagesPerSecond": (1, 500)}
# A missing list of entries counts as empty; a missing map is named by its first field.
SQS_MISSING = {"Entries": ("AWS.SimpleQueueService.EmptyBatchRequest", "There should be at least one "),
               ("SetQueueAttributes", "Attributes"): ("MissingParameter", "The request must contain the parameter Attribute.Name.")}


def sqs_samples(client):
    """Returns valid values of the required members."""
    url = client.create_queue(QueueName="constraints")["QueueUrl"]
    return {"QueueUrl": url, "QueueName": "constraints", "MessageBody": "body", "ReceiptHandle": "handle", "VisibilityTimeout": 1,
            "Entries": [{"Id": "a", "MessageBody": "body", "ReceiptHandle": "handle", "VisibilityTimeout": 1}], "Tags": {"k": "v"}, "TagKeys": ["k"],
            "Attributes": {"DelaySeconds": "0"}, "Label": "label", "AWSAccountIds": ["111122223333"], "Actions": ["SendMessage"],
            "SourceArn": "arn:aws:sqs:us-east-1:000000000000:constraints", "TaskHandle": "handle"}


def sqs_violations(operation, shape, valid):
    """Yields (member, arguments, code, words) for each constraint."""
    for member, member_shape in shape.members.items():
        if member in shape.required_members:
            otherwise = SQS_MISSING.get((operation, member)) or SQS_MISSING.get(member)
            code, words = otherwise or ("MissingParameter", f"The request must contain the parameter {member}.")
            yield member, {key: value for key, value in valid.items() if key != member}, code, words
        if member_shape.type_name == "integer":
            low, high = SQS_RANGES[member]
            for value in (low - 1, high + 1):
                yield member, {**valid, member: value}, "InvalidParameterValue", f"Value {value} for parameter {member} is invalid. Reason: "


def test_each_violated_constraint_of_sqs_is_named(own_engine):
    client = own_engine().client("sqs", parameter_validation=False)
    samples, checked, wrong = sqs_samples(client), 0, []
    for operation in client.meta.service_model.operation_names:
        shape = client.meta.service_model.operation_model(operation).input_shape
        valid = {name: samples[name] for name in shape.required_members}
        if "Entries" in valid:
            known = shape.members["Entries"].member.members
            valid["Entries"] = [{name: value for name, value in samples["Entries"][0].items() if name in known}]
        if operation == "DeleteQueue":  # the others need the queue
            valid["QueueUrl"] += "-2"
        assert not is_lacking(client, operation, valid), operation
        for member, arguments, code, words in sqs_violations(operation, shape, valid):
            answer = call(client, operation, arguments)
            checked += 1
            if answer is None or answer[:2] != (code, 400) or not answer[2].startswith(words):
                wrong.append((operation, member, arguments, words, answer))
    assert not wrong, "\n".join(map(str, wrong))
    assert checked > 45, f"only {checked} constraints were checked"


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
SQS_ATTRIBUTES = {"DelaySeconds": (0, 900), "MaximumMessageSize": (1024, 1048576), "MessageRetentionPeriod": (60, 1209600),
                  "ReceiveMessageWaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43200), "KmsDataKeyReusePeriodSeconds": (60, 86400)}


def test_each_range_of_an_attribute_of_a_queue_is_checked(own_engine):
    client = own_engine().client("sqs")
    for name, (low, high) in SQS_ATTRIBUTES.items():
        for value in (low - 1, high + 1, "x"):
            answer = call(client, "CreateQueue", {"QueueName": "bad", "Attributes": {name: str(value)}})
            assert answer == ("InvalidAttributeValue", 400, f"Invalid value for the parameter {name}."), (name, value)


# ---- S3 -------------------------------------------------------------------------------------------------------------

# The codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. The words are those that AWS returned to users, in
# the tests of LocalStack (tests/aws/services/s3/*.snapshot.json) and minio/mint.
S3_ERRORS = {
    "StorageClass": ("InvalidStorageClass", "The storage class you specified is not valid"),
    "MetadataDirective": ("InvalidArgument", "Unknown metadata directive."),
    "TaggingDirective": ("InvalidArgument", "Unknown tagging directive."),
    "EncodingType": ("InvalidArgument", "Invalid Encoding Method specified in Request"),
    "ChecksumAlgorithm": ("InvalidRequest", "Checksum algorithm provided is unsupported."),
    "PartNumber": ("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive"),
    "MaxBuckets": ("InvalidArgument", "Argument max-buckets must be an integer between 1 and 10000"),
    "MaxKeys": ("InvalidArgument", "Argument max-keys must be an integer between 0 and 2147483647"),
    "MaxUploads": ("InvalidArgument", "Argument max-uploads must be an integer between 0 and 2147483647"),
    "MaxParts": ("InvalidArgument", "Argument (x-amz-)?max-parts must be an integer between 0 and 2147483647"),
    "PartNumberMarker": ("InvalidArgument", "Argument (x-amz-)?part-number-marker must be an integer between 0 and 2147483647"),
    "ACL": ("InvalidArgument", ""),
    "ObjectOwnership": ("InvalidArgument", "Invalid x-amz-object-ownership header: no-such-value"),
    "ServerSideEncryption": ("InvalidArgument", "The encryption method specified is not supported"),
    "ObjectLockMode": ("InvalidRequest", "Bucket is missing Object Lock Configuration"),
    "ObjectLockLegalHoldStatus": ("InvalidRequest", "Bucket is missing Object Lock Configuration"),
    "TransitionDefaultMinimumObjectSize": ("MissingRequestBodyError", "Request Body is empty"),  # the sample has no document
}
# Members of which S3's documentation has no error for a value, or whose value the client itself checks or computes.
S3_WITHOUT_ERROR = {"RequestPayer", "ChecksumMode", "ChecksumType", "MpuObjectSize", "ContentLength"}


def s3_bad_value(member):
    """Returns a value that is not allowed, or None for a text without constraints."""
    if member.type_name == "string" and member.enum:
        return "no-such-value"
    return -1 if member.type_name in ("integer", "long") else None


def s3_sample(client, shape):
    """Returns the required members, with an upload and objects that exist."""
    for key in ("key", "source"):
        client.put_object(Bucket="bucket", Key=key, Body=b"x")
    samples = {"Bucket": "bucket", "Key": "key", "PartNumber": 1, "CopySource": "bucket/source", "ObjectAttributes": ["ETag"], "Body": b"x",
               "Delete": {"Objects": [{"Key": "other"}]}, "Tagging": {"TagSet": []}}
    if "UploadId" in shape.required_members:
        samples["UploadId"] = client.create_multipart_upload(Bucket="bucket", Key="key")["UploadId"]
    return {name: samples.get(name) for name in shape.required_members}


def client_checks(client, operation):
    """Returns the member whose value botocore itself rejects, because it computes the checksum."""
    return [client.meta.service_model.operation_model(operation).http_checksum.get("requestAlgorithmMember")]


def test_each_value_that_s3_does_not_have_is_rejected(own_engine):
    client = own_engine().client("s3", parameter_validation=False)
    client.create_bucket(Bucket="bucket")
    checked, wrong = 0, []
    for operation in client.meta.service_model.operation_names:
        shape = client.meta.service_model.operation_model(operation).input_shape
        members = {name: s3_bad_value(member) for name, member in shape.members.items()} if shape else {}
        if None in s3_sample(client, shape).values() if shape else True:
            continue  # operations that the engine lacks need more
        for member, value in members.items():
            if value is None or member in S3_WITHOUT_ERROR or member in client_checks(client, operation):
                continue
            arguments = {**s3_sample(client, shape), member: value}
            if operation == "CreateBucket":
                arguments["Bucket"] = "fresh"
            answer = call(client, operation, arguments)
            if answer is not None and answer[1] == 501:
                continue  # the operation, or a member of a feature that the engine lacks (s3_members_test.cpp)
            checked += 1
            code, words = S3_ERRORS[member]
            if operation == "HeadObject":  # the response has no body
                code, words = "400", "Bad Request"
            if answer is None or answer[:2] != (code, 400) or not re.match(words, answer[2] or ""):
                wrong.append((operation, member, value, answer))
    assert not wrong, "\n".join(map(str, wrong))
    assert checked > 20, f"only {checked} constraints were checked"
