"""Tests the ARNs of other partitions of AWS, such as aws-cn, with boto3: a workload in Beijing, with and without policies enforced."""

import json

import boto3
import pytest
from botocore.config import Config
from conftest import Engine, code_of, error_of, zip_of

REGION = "cn-north-1"
ACCOUNT = "000000000000"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]})
WHO_AM_I = "def handler(event, context):\n    return {'function': context.invoked_function_arn}\n"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


class Beijing:
    """The clients of an engine in a region of China."""

    def __init__(self, engine):
        self.engine = engine
        self.iam, self.sts, self.s3, self.sqs, self.logs, self.lambda_ = (
            self.client(name) for name in ("iam", "sts", "s3", "sqs", "logs", "lambda"))

    def client(self, service, keys=("test", "test", None), region=REGION):
        return boto3.client(service, endpoint_url=self.engine.url, region_name=region, aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
                            aws_session_token=keys[2], config=Config(retries={"max_attempts": 0}))

    def as_role(self, service, arn):
        credentials = self.sts.assume_role(RoleArn=arn, RoleSessionName="work")["Credentials"]
        return self.client(service, (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]))

    def bucket(self, name):
        return self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.fixture(scope="module", params=["open", "enforced"])
def beijing(request, osbot_path, tmp_path_factory):
    flags = ["--enforce-iam"] if request.param == "enforced" else []
    engine = Engine(osbot_path, tmp_path_factory.mktemp("partitions") / "state", *flags).start()
    yield Beijing(engine)
    engine.stop()


def test_function_with_a_role_is_created_and_invoked(beijing):
    role = beijing.iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    assert role == f"arn:aws-cn:iam::{ACCOUNT}:role/function"
    managed = "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    beijing.iam.attach_role_policy(RoleName="function", PolicyArn=managed)
    created = beijing.lambda_.create_function(FunctionName="f", Runtime="python3.11", Handler="app.handler", Role=role,
                                              Code={"ZipFile": zip_of({"app.py": WHO_AM_I})})
    arn = f"arn:aws-cn:lambda:{REGION}:{ACCOUNT}:function:f"
    assert created["FunctionArn"] == arn and created["Role"] == role
    beijing.lambda_.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 0.05, "MaxAttempts": 1200})
    for name in ("f", arn):
        payload = json.loads(beijing.lambda_.invoke(FunctionName=name, Payload=b"{}")["Payload"].read())
        assert payload["function"] == arn
    group = beijing.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"][0]
    assert group["logGroupArn"] == f"arn:aws-cn:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/f"
    assert beijing.logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {}


def test_queue_sends_its_dead_letters_by_arn(beijing):
    dead = beijing.sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = beijing.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert arn == f"arn:aws-cn:sqs:{REGION}:{ACCOUNT}:dead"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    beijing.sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": redrive})
    assert beijing.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"][0].endswith("/work")


def test_bucket_notifies_a_queue_that_permits_it(beijing):
    assert beijing.bucket("uploads")["BucketArn"] == "arn:aws-cn:s3:::uploads"
    queue = beijing.sqs.create_queue(QueueName="uploads")["QueueUrl"]
    arn = f"arn:aws-cn:sqs:{REGION}:{ACCOUNT}:uploads"
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    for service in ("s3.amazonaws.com.cn", "s3.amazonaws.com"):
        permits = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn,
                   "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws-cn:s3:::uploads"}}}
        beijing.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy(permits)})
        beijing.s3.put_bucket_notification_configuration(Bucket="uploads", NotificationConfiguration=configuration)
    beijing.s3.put_object(Bucket="uploads", Key="a", Body=b"x")
    message = beijing.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(each["Body"]) for each in message]
    records = [record for body in bodies for record in body.get("Records", [])]
    assert [each["s3"]["bucket"]["arn"] for each in records if "s3" in each][:1] == ["arn:aws-cn:s3:::uploads"]


def test_bucket_policy_names_its_own_partition(beijing):
    beijing.bucket("guarded")
    beijing.s3.put_bucket_policy(Bucket="guarded", Policy=policy({**allow("s3:GetObject", "arn:aws-cn:s3:::guarded/*"), "Principal": {"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}}))
    foreign = policy({**allow("s3:GetObject", "arn:aws:s3:::guarded/*"), "Principal": {"AWS": ACCOUNT}})
    assert error_of(beijing.s3.put_bucket_policy, Bucket="guarded", Policy=foreign) == ("MalformedPolicy", "Policy has invalid resource")


def test_session_of_a_role_has_its_partition(beijing):
    arn = beijing.iam.create_role(RoleName="session", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    assert beijing.as_role("sts", arn).get_caller_identity()["Arn"] == f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/session/work"
    assert code_of(beijing.sts.assume_role, RoleArn=arn.replace("aws-cn", "aws"), RoleSessionName="work") == "AccessDenied"


def test_identity_policies_are_enforced_by_arns_of_the_partition(beijing):
    enforced = "--enforce-iam" in beijing.engine.arguments
    arn = beijing.iam.create_role(RoleName="limited", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    beijing.iam.put_role_policy(RoleName="limited", PolicyName="own", PolicyDocument=policy(
        allow(["s3:PutObject", "s3:GetObject"], "arn:aws-cn:s3:::limited/own/*"),
        allow("sqs:*", f"arn:aws-cn:sqs:{REGION}:{ACCOUNT}:limited"), allow("iam:GetRole", f"arn:aws-cn:iam::{ACCOUNT}:role/limited"),
        allow("logs:CreateLogGroup", f"arn:aws-cn:logs:{REGION}:{ACCOUNT}:log-group:limited*")))
    beijing.bucket("limited")
    s3, sqs, iam, logs = (beijing.as_role(name, arn) for name in ("s3", "sqs", "iam", "logs"))
    s3.put_object(Bucket="limited", Key="own/a", Body=b"x")
    assert s3.get_object(Bucket="limited", Key="own/a")["Body"].read() == b"x"
    assert sqs.create_queue(QueueName="limited")
    assert iam.get_role(RoleName="limited")["Role"]["Arn"] == arn
    logs.create_log_group(logGroupName="limited")
    if not enforced:
        return
    code, message = error_of(s3.put_object, Bucket="limited", Key="other", Body=b"x")
    assert code == "AccessDenied" and '"arn:aws-cn:s3:::limited/other"' in message
    assert code_of(logs.create_log_group, logGroupName="other") == "AccessDeniedException"
    assert code_of(iam.get_role, RoleName="session") == "AccessDenied"


def test_other_partitions_have_policies_of_their_own(beijing):
    gov = beijing.client("iam", region="us-gov-west-1")
    assert gov.create_role(RoleName="gov", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"] == f"arn:aws-us-gov:iam::{ACCOUNT}:role/gov"
    gov.attach_role_policy(RoleName="gov", PolicyArn="arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    refused = error_of(gov.attach_role_policy, RoleName="gov", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    assert refused == ("ValidationError", "Invalid ARN partition")
    message = 'Partition "aws" is not valid for resource "arn:aws:s3:::b".'
    assert error_of(gov.create_policy, PolicyName="p", PolicyDocument=policy(allow("s3:*", "arn:aws:s3:::b"))) == ("MalformedPolicyDocument", message)
