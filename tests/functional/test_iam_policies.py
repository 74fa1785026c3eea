"""Tests the policies of IAM's users, groups and roles, and their simulation, with boto3."""

import json

import pytest
from conftest import error_of

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


ALLOW = policy(allow("s3:GetObject"))


@pytest.fixture
def iam(engine):
    return engine.client("iam")


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_principal_has_inline_and_attached_policies(iam, kind):
    name = {kind.capitalize() + "Name": f"holder-{kind}"}
    create = getattr(iam, f"create_{kind}")
    create(**name, **({"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}))
    arn = iam.create_policy(PolicyName=f"held-{kind}", PolicyDocument=ALLOW)["Policy"]["Arn"]
    put, attach = getattr(iam, f"put_{kind}_policy"), getattr(iam, f"attach_{kind}_policy")
    for own in "abc":
        put(**name, PolicyName=own, PolicyDocument=ALLOW)
    attach(**name, PolicyArn=arn)
    pages = iam.get_paginator(f"list_{kind}_policies").paginate(**name, PaginationConfig={"PageSize": 2})
    assert [page["PolicyNames"] for page in pages] == [["a", "b"], ["c"]]
    assert getattr(iam, f"get_{kind}_policy")(**name, PolicyName="a")["PolicyDocument"] == json.loads(ALLOW)
    missing = ("NoSuchEntity", f"The {kind} policy with name z cannot be found.")
    assert error_of(getattr(iam, f"get_{kind}_policy"), **name, PolicyName="z") == missing
    assert getattr(iam, f"list_attached_{kind}_policies")(**name)["AttachedPolicies"] == [{"PolicyName": f"held-{kind}", "PolicyArn": arn}]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [each[kind.capitalize() + "Name"] for each in iam.list_entities_for_policy(PolicyArn=arn)[f"Policy{kind.capitalize()}s"]] == [
        f"holder-{kind}"]
    assert error_of(iam.delete_policy, PolicyArn=arn) == ("DeleteConflict", "Cannot delete a policy attached to entities.")
    getattr(iam, f"detach_{kind}_policy")(**name, PolicyArn=arn)
    assert error_of(getattr(iam, f"detach_{kind}_policy"), **name, PolicyArn=arn) == ("NoSuchEntity", f"Policy {arn} was not found.")
    for own in "abc":
        getattr(iam, f"delete_{kind}_policy")(**name, PolicyName=own)
    getattr(iam, f"delete_{kind}")(**name)
    iam.delete_policy(PolicyArn=arn)


@pytest.mark.parametrize("document, message", [
    ("{", "Syntax errors in policy."),
    (json.dumps({"Version": "2012-10-17"}), "Syntax errors in policy."),
    (json.dumps({"Statement": [allow("s3:*")]}), "Policy document must be version 2012-10-17 or greater."),
    (policy({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
    (policy({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
    (policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}), "Policy document should not specify a principal."),
    (policy({"Effect": "Allow", "Action": "invalid", "Resource": "*"}),
     "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    (policy({"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
])
def test_malformed_document_is_rejected_as_on_aws(iam, document, message):
    assert error_of(iam.create_policy, PolicyName="malformed", PolicyDocument=document) == ("MalformedPolicyDocument", message)


def test_permissions_boundary_of_user_and_role(iam):
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.create_user(UserName="bounded", PermissionsBoundary=arn)
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=TRUST)
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=arn)
    expected = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    assert iam.get_user(UserName="bounded")["User"]["PermissionsBoundary"] == expected
    assert iam.get_role(RoleName="bounded")["Role"]["PermissionsBoundary"] == expected
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 2
    assert error_of(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName="bounded")
    iam.delete_role_permissions_boundary(RoleName="bounded")
    iam.delete_policy(PolicyArn=arn)


def simulated(output):
    return {(each["EvalActionName"], each["EvalResourceName"]): each["EvalDecision"] for each in output["EvaluationResults"]}


def test_custom_policies_are_evaluated(iam):
    documents = [policy(allow("s3:Get*", "arn:aws:s3:::own/${aws:username}/*"),
                        {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:sqs:*:*:free"})]
    output = iam.simulate_custom_policy(
        PolicyInputList=documents, ActionNames=["s3:GetObject", "s3:PutObject", "sqs:SendMessage"],
        ResourceArns=["arn:aws:s3:::own/ann/key"],
        ContextEntries=[{"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": ["ann"]}])
    resource = "arn:aws:s3:::own/ann/key"
    assert simulated(output) == {("s3:GetObject", resource): "allowed", ("s3:PutObject", resource): "implicitDeny",
                                 ("sqs:SendMessage", resource): "explicitDeny"}


@pytest.mark.parametrize("condition, keys, decision", [
    ({"StringLike": {"aws:PrincipalTag/team": "a*"}}, {"aws:PrincipalTag/team": "abc"}, "allowed"),
    ({"StringNotEquals": {"aws:PrincipalTag/team": "b"}}, {}, "allowed"),
    ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, "implicitDeny"),
    ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"aws:SourceIp": "10.1.2.3"}, "allowed"),
    ({"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, {"aws:CurrentTime": "2029-12-31T23:59:59Z"}, "implicitDeny"),
    ({"Bool": {"aws:SecureTransport": "true"}}, {"aws:SecureTransport": "true"}, "allowed"),
    ({"Null": {"aws:TokenIssueTime": "true"}}, {}, "allowed"),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": ["a", "c"]}, "implicitDeny"),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": ["a", "c"]}, "allowed"),
    ({"StringEqualsIfExists": {"aws:PrincipalTag/team": "a"}}, {}, "allowed"),
])
def test_conditions_decide_a_simulation(iam, condition, keys, decision):
    entries = [{"ContextKeyName": key, "ContextKeyType": "stringList" if isinstance(values, list) else "string",
                "ContextKeyValues": values if isinstance(values, list) else [values]} for key, values in keys.items()]
    output = iam.simulate_custom_policy(PolicyInputList=[policy(allow("s3:*", Condition=condition))], ActionNames=["s3:GetObject"],
                                        ContextEntries=entries)
    assert output["EvaluationResults"][0]["EvalDecision"] == decision


def test_policies_of_a_user_are_simulated(iam):
    user = iam.create_user(UserName="simulated")["User"]
    iam.create_group(GroupName="simulated")
    iam.add_user_to_group(UserName="simulated", GroupName="simulated")
    iam.put_group_policy(GroupName="simulated", PolicyName="own", PolicyDocument=policy(allow(["s3:*", "sqs:*"])))
    boundary = iam.create_policy(PolicyName="simulated", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="simulated", PermissionsBoundary=boundary)
    output = iam.simulate_principal_policy(PolicySourceArn=user["Arn"], ActionNames=["s3:GetObject", "sqs:SendMessage"])
    assert simulated(output) == {("s3:GetObject", "*"): "allowed", ("sqs:SendMessage", "*"): "implicitDeny"}
    assert [each["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for each in output["EvaluationResults"]] == [True, False]
    missing = "arn:aws:iam::000000000000:user/absent"
    assert error_of(iam.simulate_principal_policy, PolicySourceArn=missing, ActionNames=["s3:GetObject"])[0] == "NoSuchEntity"


def test_context_keys_of_policies_are_listed(iam):
    document = policy(allow("s3:*", Condition={"StringEquals": {"aws:username": "a"}}), allow("s3:*", "arn:aws:s3:::${aws:userid}"))
    names = iam.get_context_keys_for_custom_policy(PolicyInputList=[document])["ContextKeyNames"]
    assert sorted(names) == ["aws:userid", "aws:username"]
