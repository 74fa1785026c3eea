"""Tests IAM's users, groups, login profiles and credentials with boto3."""

import json

import boto3
import pytest
from conftest import error_of

ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


@pytest.fixture
def iam(engine):
    return engine.client("iam")


def client_of(engine, service, key):
    return boto3.client(service, endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                        aws_secret_access_key=key["SecretAccessKey"])


def test_user_is_created_renamed_and_deleted(iam):
    user = iam.create_user(UserName="life", Path="/team/", Tags=[{"Key": "a", "Value": "b"}])["User"]
    assert user["Arn"] == "arn:aws:iam::000000000000:user/team/life"
    assert user["UserId"].startswith("AIDA") and len(user["UserId"]) == 21
    assert error_of(iam.create_user, UserName="LIFE") == ("EntityAlreadyExists", "User with name LIFE already exists.")
    iam.update_user(UserName="life", NewUserName="lives", NewPath="/other/")
    found = iam.get_user(UserName="lives")["User"]
    assert (found["Arn"], found["UserId"]) == ("arn:aws:iam::000000000000:user/other/lives", user["UserId"])
    assert error_of(iam.get_user, UserName="life") == ("NoSuchEntity", "The user with name life cannot be found.")
    assert [each["UserName"] for each in iam.list_users(PathPrefix="/other/")["Users"]] == ["lives"]
    iam.delete_user(UserName="lives")
    assert error_of(iam.delete_user, UserName="lives") == ("NoSuchEntity", "The user with name lives cannot be found.")


def test_user_with_dependents_is_not_deleted(iam):
    iam.create_user(UserName="busy")
    iam.create_group(GroupName="busy")
    arn = iam.create_policy(PolicyName="busy", PolicyDocument=ALLOW)["Policy"]["Arn"]
    key = iam.create_access_key(UserName="busy")["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName="busy", Password="Passw0rd!")
    iam.add_user_to_group(UserName="busy", GroupName="busy")
    iam.attach_user_policy(UserName="busy", PolicyArn=arn)
    iam.put_user_policy(UserName="busy", PolicyName="own", PolicyDocument=ALLOW)
    removals = [(iam.delete_access_key, {"AccessKeyId": key}), (iam.delete_login_profile, {}),
                (iam.remove_user_from_group, {"GroupName": "busy"}), (iam.detach_user_policy, {"PolicyArn": arn}),
                (iam.delete_user_policy, {"PolicyName": "own"})]
    for remove, arguments in removals:
        code, message = error_of(iam.delete_user, UserName="busy")
        assert code == "DeleteConflict" and message.startswith("Cannot delete entity, must ")
        remove(UserName="busy", **arguments)
    iam.delete_user(UserName="busy")
    assert iam.get_group(GroupName="busy")["Users"] == []


def test_user_changes_only_its_own_keys_without_a_name(engine, iam):
    """LocalStack, tests/aws/services/iam/test_iam_users.snapshot.json, TestUserAccessKeys, test_access_key_errors."""
    keys = {}
    for name in ("own-keys", "other-keys"):
        iam.create_user(UserName=name)
        keys[name] = iam.create_access_key(UserName=name)["AccessKey"]
    user, other = client_of(engine, "iam", keys["own-keys"]), keys["other-keys"]["AccessKeyId"]
    for change in (lambda: user.delete_access_key(AccessKeyId=other), lambda: user.update_access_key(AccessKeyId=other, Status="Inactive")):
        assert error_of(change) == ("NoSuchEntity", f"The Access Key with id {other} cannot be found.")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="key-changer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    session = client_of(engine, "sts", keys["own-keys"]).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    of_role = boto3.client("iam", endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id=session["AccessKeyId"],
                           aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])
    assert error_of(of_role.delete_access_key, AccessKeyId=other) == ("ValidationError", "Must specify userName when calling with non-User credentials")
    user.delete_access_key(AccessKeyId=keys["own-keys"]["AccessKeyId"])
    iam.delete_access_key(AccessKeyId=other)


def test_keys_of_tags_ignore_case_only_for_users_and_roles(iam):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html, Case sensitivity."""
    tags = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    assert iam.create_instance_profile(InstanceProfileName="cases", Tags=tags)["InstanceProfile"]["Tags"] == tags
    assert iam.create_virtual_mfa_device(VirtualMFADeviceName="cases", Tags=tags)["VirtualMFADevice"]["Tags"] == tags
    code, message = error_of(iam.create_user, UserName="cases", Tags=tags)
    assert (code, message) == ("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    assert error_of(iam.create_user, UserName="cases", Tags=[{"Key": "a", "Value": "aws:x"}])[0] == "InvalidInput"


def test_deleting_a_missing_boundary_succeeds(iam):
    iam.create_user(UserName="boundless")
    iam.delete_user_permissions_boundary(UserName="boundless")


def test_access_key_signs_requests_and_shows_its_use(engine, iam):
    user = iam.create_user(UserName="signer")["User"]
    key = iam.create_access_key(UserName="signer")["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA") and len(key["AccessKeyId"]) == 20 and len(key["SecretAccessKey"]) == 40
    identity = client_of(engine, "sts", key).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])
    assert client_of(engine, "iam", key).get_user()["User"]["UserName"] == "signer"
    client_of(engine, "s3", key).list_buckets()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "signer"
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("s3", "us-east-1")
    iam.create_access_key(UserName="signer")
    assert error_of(iam.create_access_key, UserName="signer")[0] == "LimitExceeded"
    iam.update_access_key(UserName="signer", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    status = {each["AccessKeyId"]: each["Status"] for each in iam.list_access_keys(UserName="signer")["AccessKeyMetadata"]}
    assert sorted(status.values()) == ["Active", "Inactive"] and status[key["AccessKeyId"]] == "Inactive"
    iam.delete_access_key(UserName="signer", AccessKeyId=key["AccessKeyId"])
    missing = f"The Access Key with id {key['AccessKeyId']} cannot be found."
    assert error_of(iam.delete_access_key, UserName="signer", AccessKeyId=key["AccessKeyId"]) == ("NoSuchEntity", missing)


def test_unused_access_key_has_no_last_use(iam):
    iam.create_user(UserName="idle")
    key = iam.create_access_key(UserName="idle")["AccessKey"]["AccessKeyId"]
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used == {"ServiceName": "N/A", "Region": "N/A"}


def test_group_has_members_in_pages(iam):
    group = iam.create_group(GroupName="crew", Path="/ship/")["Group"]
    assert group["Arn"] == "arn:aws:iam::000000000000:group/ship/crew" and group["GroupId"].startswith("AGPA")
    for number in range(3):
        iam.create_user(UserName=f"crew-{number}")
        iam.add_user_to_group(GroupName="crew", UserName=f"crew-{number}")
    pages = iam.get_paginator("get_group").paginate(GroupName="crew", PaginationConfig={"PageSize": 2})
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [["crew-0", "crew-1"], ["crew-2"]]
    assert [each["GroupName"] for each in iam.list_groups_for_user(UserName="crew-0")["Groups"]] == ["crew"]
    assert error_of(iam.delete_group, GroupName="crew") == ("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    iam.update_group(GroupName="crew", NewGroupName="team")
    assert [user["UserName"] for user in iam.get_group(GroupName="team")["Users"]] == ["crew-0", "crew-1", "crew-2"]
    for number in range(3):
        iam.remove_user_from_group(GroupName="team", UserName=f"crew-{number}")
    iam.delete_group(GroupName="team")
    assert error_of(iam.get_group, GroupName="team") == ("NoSuchEntity", "The group with name team cannot be found.")


def test_login_profile_has_a_checked_password(iam):
    iam.create_user(UserName="login")
    missing = ("NoSuchEntity", "Login Profile for User login cannot be found.")
    assert error_of(iam.get_login_profile, UserName="login") == missing
    created = iam.create_login_profile(UserName="login", Password="Passw0rd!", PasswordResetRequired=True)["LoginProfile"]
    assert (created["UserName"], created["PasswordResetRequired"]) == ("login", True)
    taken = ("EntityAlreadyExists", "Login Profile for user login already exists.")
    assert error_of(iam.create_login_profile, UserName="login", Password="Passw0rd!") == taken
    iam.update_login_profile(UserName="login", PasswordResetRequired=False)
    assert iam.get_login_profile(UserName="login")["LoginProfile"]["PasswordResetRequired"] is False
    iam.delete_login_profile(UserName="login")
    assert error_of(iam.delete_login_profile, UserName="login") == missing


def test_ssh_keys_and_service_passwords_of_a_user(iam):
    iam.create_user(UserName="coder")
    key = iam.upload_ssh_public_key(UserName="coder", SSHPublicKeyBody="ssh-rsa AAAAB3NzaC1yc2E= me")["SSHPublicKey"]
    assert key["SSHPublicKeyId"].startswith("APKA") and key["Status"] == "Active"
    iam.update_ssh_public_key(UserName="coder", SSHPublicKeyId=key["SSHPublicKeyId"], Status="Inactive")
    found = iam.get_ssh_public_key(UserName="coder", SSHPublicKeyId=key["SSHPublicKeyId"], Encoding="SSH")["SSHPublicKey"]
    assert (found["SSHPublicKeyBody"], found["Status"]) == ("ssh-rsa AAAAB3NzaC1yc2E= me", "Inactive")
    made = iam.create_service_specific_credential(UserName="coder", ServiceName="codecommit.amazonaws.com")["ServiceSpecificCredential"]
    assert made["ServiceUserName"] == "coder-at-000000000000"
    identity = {"UserName": "coder", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    assert iam.reset_service_specific_credential(**identity)["ServiceSpecificCredential"]["ServicePassword"] != made["ServicePassword"]
    iam.delete_service_specific_credential(**identity)
    iam.delete_ssh_public_key(UserName="coder", SSHPublicKeyId=key["SSHPublicKeyId"])
    assert iam.list_ssh_public_keys(UserName="coder")["SSHPublicKeys"] == []


def test_users_and_keys_survive_a_killed_engine(own_engine):
    engine = own_engine()
    iam = engine.client("iam")
    user = iam.create_user(UserName="durable", Tags=[{"Key": "a", "Value": "b"}])["User"]
    iam.create_group(GroupName="durable")
    iam.add_user_to_group(GroupName="durable", UserName="durable")
    iam.put_user_policy(UserName="durable", PolicyName="own", PolicyDocument=ALLOW)
    key = iam.create_access_key(UserName="durable")["AccessKey"]
    engine.stop(9)
    engine.start()
    iam = engine.client("iam")
    assert iam.get_user(UserName="durable")["User"] == user
    assert iam.get_group(GroupName="durable")["Users"][0]["UserName"] == "durable"
    assert iam.get_user_policy(UserName="durable", PolicyName="own")["PolicyDocument"] == json.loads(ALLOW)
    assert client_of(engine, "sts", key).get_caller_identity()["Arn"] == user["Arn"]
