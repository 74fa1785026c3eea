"""Tests what IAM keeps for an account, and service-linked roles, with boto3. Each test has an engine of its own."""

import csv
import json

import pytest
from conftest import error_of

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


@pytest.fixture
def iam(own_engine):
    return own_engine().client("iam")


def test_account_has_one_alias(iam):
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="first")
    iam.create_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == ["second"]
    assert error_of(iam.delete_account_alias, AccountAlias="first") == ("NoSuchEntity", "The account alias with name first cannot be found.")
    iam.delete_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_password_policy_is_replaced_and_enforced(iam):
    missing = ("NoSuchEntity", "The Password Policy with domain name 000000000000 cannot be found.")
    assert error_of(iam.get_account_password_policy) == missing
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True, MaxPasswordAge=90)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["RequireNumbers"], policy["MaxPasswordAge"], policy["ExpirePasswords"]) == (12, True, 90, True)
    iam.create_user(UserName="user")
    assert error_of(iam.create_login_profile, UserName="user", Password="Short1!")[0] == "PasswordPolicyViolation"
    iam.create_login_profile(UserName="user", Password="Long enough 1!")
    iam.delete_account_password_policy()
    missing = ("NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")
    assert error_of(iam.delete_account_password_policy) == missing


def test_summary_counts_the_entities_of_the_account(iam):
    before = iam.get_account_summary()["SummaryMap"]
    assert (before["Users"], before["UsersQuota"], before["GroupsQuota"]) == (0, 5000, 300)
    iam.create_user(UserName="user")
    iam.create_group(GroupName="group")
    iam.create_policy(PolicyName="policy", PolicyDocument=ALLOW)
    iam.create_instance_profile(InstanceProfileName="profile")
    after = iam.get_account_summary()["SummaryMap"]
    counted = ("Users", "Groups", "Policies", "InstanceProfiles")
    assert [after[name] - before[name] for name in counted] == [1, 1, 1, 1]


def test_authorization_details_have_everything(iam):
    iam.create_user(UserName="user")
    iam.create_group(GroupName="group")
    iam.add_user_to_group(UserName="user", GroupName="group")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName="policy", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="role", PolicyArn=arn)
    iam.put_user_policy(UserName="user", PolicyName="own", PolicyDocument=ALLOW)
    details = iam.get_account_authorization_details(Filter=["User", "Group", "Role", "LocalManagedPolicy"])
    user = details["UserDetailList"][0]
    assert (user["UserName"], user["GroupList"]) == ("user", ["group"])
    assert user["UserPolicyList"] == [{"PolicyName": "own", "PolicyDocument": json.loads(ALLOW)}]
    role = next(each for each in details["RoleDetailList"] if each["RoleName"] == "role")
    assert role["AttachedManagedPolicies"] == [{"PolicyName": "policy", "PolicyArn": arn}]
    assert details["Policies"][0]["PolicyVersionList"][0]["Document"] == json.loads(ALLOW)
    pages = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 10})
    assert arn in [policy["Arn"] for page in pages for policy in page["Policies"]]


def test_pages_have_each_item_once_whatever_its_case(iam):
    """The lists are in the order of the names without case."""
    for name in ("alpha", "Beta", "gamma"):
        iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)
        iam.create_user(UserName=name)
        iam.create_service_specific_credential(UserName=name, ServiceName="codecommit.amazonaws.com")
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "LocalManagedPolicy"], PaginationConfig={"PageSize": 1}))
    assert [user["UserName"] for page in pages for user in page["UserDetailList"]] == ["alpha", "Beta", "gamma"]
    assert [policy["PolicyName"] for page in pages for policy in page["Policies"]] == ["alpha", "Beta", "gamma"]
    found, page = [], {"IsTruncated": True}
    while page["IsTruncated"]:
        after = {"Marker": page["Marker"]} if "Marker" in page else {}
        page = iam.list_service_specific_credentials(AllUsers=True, MaxItems=1, **after)
        found += [each["UserName"] for each in page["ServiceSpecificCredentials"]]
    assert found == ["alpha", "Beta", "gamma"]


def test_authorization_details_have_the_lists_that_aws_returns(iam):
    """Recorded on AWS: localstack/localstack, tests/aws/services/iam/test_iam_account_authorization_details.snapshot.json."""
    iam.create_user(UserName="plain")
    iam.create_role(RoleName="described", AssumeRolePolicyDocument=TRUST, Description="mine", Tags=[{"Key": "k", "Value": "v"}])
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="described")
    details = iam.get_account_authorization_details(Filter=["User", "Role"])
    user = next(each for each in details["UserDetailList"] if each["UserName"] == "plain")
    assert set(user) == {"Path", "UserName", "UserId", "Arn", "CreateDate", "GroupList", "AttachedManagedPolicies", "Tags"}
    role = next(each for each in details["RoleDetailList"] if each["RoleName"] == "described")
    assert (role["RolePolicyList"], role["Tags"]) == ([], [{"Key": "k", "Value": "v"}])
    basic = {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert set(role["InstanceProfileList"][0]["Roles"][0]) == basic
    assert set(iam.get_instance_profile(InstanceProfileName="profile")["InstanceProfile"]["Roles"][0]) == basic


def test_credential_report_lists_users(iam):
    assert error_of(iam.get_credential_report) == ("ReportNotPresent", "")  # AWS sends no message
    iam.create_user(UserName="reported")
    iam.create_access_key(UserName="reported")
    iam.generate_credential_report()
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    rows = {row["user"]: row for row in csv.DictReader(report["Content"].decode().splitlines())}
    assert rows["reported"]["access_key_1_active"] == "true" and "<root_account>" in rows


def test_service_linked_role_is_deleted_with_a_task(iam):
    role = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine", Description="text")["Role"]
    assert role["RoleName"] == "AWSServiceRoleForAutoScaling_mine"
    assert role["Arn"] == f"arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/{role['RoleName']}"
    code, _ = error_of(iam.delete_role, RoleName=role["RoleName"])
    assert code == "UnmodifiableEntity"
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert task.startswith("task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_mine/")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    assert error_of(iam.get_role, RoleName=role["RoleName"])[0] == "NoSuchEntity"


def test_account_is_kept_by_a_killed_engine_and_reset(own_engine):
    engine = own_engine()
    iam = engine.client("iam")
    iam.create_account_alias(AccountAlias="durable")
    iam.update_account_password_policy(MinimumPasswordLength=10)
    engine.stop(9)
    engine.start()
    iam = engine.client("iam")
    assert iam.list_account_aliases()["AccountAliases"] == ["durable"]
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 10
    engine.run("local", "reset", "--yes")
    assert iam.list_account_aliases()["AccountAliases"] == []
    assert error_of(iam.get_account_password_policy)[0] == "NoSuchEntity"
