"""Tests IAM and STS with boto3, the aws CLI and the AWS SDK for JavaScript."""

import json

import boto3
import pytest
from conftest import code_of, error_of

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(engine):
    return engine.client("iam")


def test_boto3_creates_updates_and_deletes_a_role(iam):
    role = iam.create_role(RoleName="lifecycle", Path="/team/", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}])["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)
    iam.update_role(RoleName="lifecycle", Description="mine", MaxSessionDuration=7200)
    iam.attach_role_policy(RoleName="lifecycle", PolicyArn=BASIC)
    iam.put_role_policy(RoleName="lifecycle", PolicyName="own", PolicyDocument=ALLOW)
    found = iam.get_role(RoleName="lifecycle")["Role"]
    assert (found["Description"], found["MaxSessionDuration"], found["Tags"]) == ("mine", 7200, [{"Key": "a", "Value": "b"}])
    assert found["RoleLastUsed"] == {}
    assert iam.get_role_policy(RoleName="lifecycle", PolicyName="own")["PolicyDocument"] == json.loads(ALLOW)
    assert iam.list_entities_for_policy(PolicyArn=BASIC)["PolicyRoles"] == [{"RoleName": "lifecycle", "RoleId": role["RoleId"]}]
    assert code_of(iam.delete_role, RoleName="lifecycle") == "DeleteConflict"
    iam.delete_role_policy(RoleName="lifecycle", PolicyName="own")
    iam.detach_role_policy(RoleName="lifecycle", PolicyArn=BASIC)
    iam.delete_role(RoleName="lifecycle")
    assert code_of(iam.get_role, RoleName="lifecycle") == "NoSuchEntity"


def test_roles_are_listed_in_pages_while_they_are_deleted(iam):
    for number in range(5):
        iam.create_role(RoleName=f"page-{number}", Path="/pages/", AssumeRolePolicyDocument=TRUST)
    listed = []
    for page in iam.get_paginator("list_roles").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}):
        for role in page["Roles"]:
            listed.append(role["RoleName"])
            iam.delete_role(RoleName=role["RoleName"])
    assert listed == [f"page-{number}" for number in range(5)]


def test_policy_has_at_most_five_versions(iam):
    arn = iam.create_policy(PolicyName="versioned", PolicyDocument=ALLOW)["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW, SetAsDefault=True)
    assert code_of(iam.create_policy_version, PolicyArn=arn, PolicyDocument=ALLOW) == "LimitExceeded"
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v5"]
    for version in versions:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)


def test_aws_policies_are_listed_read_and_attached(iam):
    pages = [page["Policies"] for page in iam.get_paginator("list_policies").paginate(Scope="AWS")]
    assert sum(map(len, pages)) > 1500
    for page in pages:
        policy = page[0]
        document = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
        assert document["Version"] == "2012-10-17" and document["Statement"]
    iam.create_role(RoleName="emr", AssumeRolePolicyDocument=TRUST)
    arn = "arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceRole"
    iam.attach_role_policy(RoleName="emr", PolicyArn=arn)
    assert arn in [policy["Arn"] for policy in iam.list_policies(Scope="AWS", OnlyAttached=True)["Policies"]]
    iam.detach_role_policy(RoleName="emr", PolicyArn=arn)
    iam.delete_role(RoleName="emr")


def test_policy_arn_must_be_one_of_a_policy(iam):
    """Recorded on AWS: localstack/localstack, tests/aws/services/iam/test_iam.snapshot.json, test_role_attach_policy."""
    iam.create_role(RoleName="strict", AssumeRolePolicyDocument=TRUST)
    for arn in ("longpolicynamebutnoarn", "arn:aws:iam::000000000000:role/strict"):
        assert error_of(iam.attach_role_policy, RoleName="strict", PolicyArn=arn) == ("InvalidInput", f"ARN {arn} is not valid.")
    iam.delete_role(RoleName="strict")


def test_aws_cli_creates_assumes_and_deletes_a_role(aws):
    aws("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", TRUST)
    role = json.loads(aws("iam", "get-role", "--role-name", "cli").stdout)["Role"]
    credentials = json.loads(aws("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "me").stdout)["Credentials"]
    env = {"AWS_ACCESS_KEY_ID": credentials["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
           "AWS_SESSION_TOKEN": credentials["SessionToken"]}
    identity = json.loads(aws("sts", "get-caller-identity", env=env).stdout)
    assert identity["Arn"] == "arn:aws:sts::000000000000:assumed-role/cli/me"
    assert identity["UserId"] == role["RoleId"] + ":me"
    aws("iam", "delete-role", "--role-name", "cli")
    missing = aws("iam", "get-role", "--role-name", "cli", check=False)
    assert "(NoSuchEntity)" in missing.stderr


def test_javascript_sdk_creates_and_assumes_a_role(javascript):
    result = javascript("""
        import { IAMClient, CreateRoleCommand, DeleteRoleCommand, ListAttachedRolePoliciesCommand, AttachRolePolicyCommand,
                 DetachRolePolicyCommand } from "@aws-sdk/client-iam";
        import { STSClient, AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
        const iam = new IAMClient(), RoleName = "javascript", PolicyArn = params.policy;
        const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: params.trust }));
        await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
        const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
        const { Credentials: c } = await new STSClient().send(new AssumeRoleCommand({ RoleArn: Role.Arn, RoleSessionName: "js" }));
        const session = new STSClient({ credentials: {
            accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken } });
        const identity = await session.send(new GetCallerIdentityCommand({}));
        await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
        await iam.send(new DeleteRoleCommand({ RoleName }));
        report([attached.AttachedPolicies, identity.Arn]);
    """, trust=TRUST, policy=BASIC)
    assert result == [[{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}],
                      "arn:aws:sts::000000000000:assumed-role/javascript/js"]


def test_function_has_a_session_of_its_role(functions, engine):
    name = functions.python("who-am-i", """
        import os
        def handler(event, context):
            return [os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
    """)
    key, secret, token = functions.invoke(name)[0]
    sts = boto3.client("sts", endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
                       aws_session_token=token)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/test-role/who-am-i"
