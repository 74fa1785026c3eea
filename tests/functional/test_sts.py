"""Tests STS's temporary credentials with boto3."""

import base64
import json

import boto3
import pytest
from conftest import error_of

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


@pytest.fixture
def sts(engine):
    return engine.client("sts")


@pytest.fixture
def client_of(engine):
    """client_of("sts", keys) returns a client with an access key, or with the credentials of STS."""
    def make(service, keys):
        return boto3.client(service, endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id=keys["AccessKeyId"],
                            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys.get("SessionToken"))

    return make


def role_arn(engine, name):
    return engine.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]


def user_keys(engine, name):
    iam = engine.client("iam")
    iam.create_user(UserName=name)
    return iam.create_access_key(UserName=name)["AccessKey"]


def test_credentials_look_as_those_of_aws(engine, sts):
    assumed = sts.assume_role(RoleArn=role_arn(engine, "look"), RoleSessionName="me")
    keys = assumed["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA") and len(keys["AccessKeyId"]) == 20
    assert len(keys["SecretAccessKey"]) == 40 and len(keys["SessionToken"]) >= 356
    assert assumed["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA") and assumed["AssumedRoleUser"]["AssumedRoleId"].endswith(":me")


def test_sessions_of_a_user(engine, client_of):
    user = client_of("sts", user_keys(engine, "session-user"))
    session = client_of("sts", user.get_session_token()["Credentials"])
    assert session.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:user/session-user"
    assert error_of(session.get_session_token) == ("AccessDenied", "Cannot call GetSessionToken with session credentials")
    federated = user.get_federation_token(Name="Bob", Policy=ALLOW)
    assert federated["FederatedUser"] == {"FederatedUserId": "000000000000:Bob", "Arn": "arn:aws:sts::000000000000:federated-user/Bob"}
    assert client_of("sts", federated["Credentials"]).get_caller_identity()["Arn"] == federated["FederatedUser"]["Arn"]


def test_tags_are_inherited_in_a_chain_of_roles(engine, sts, client_of):
    first, second = role_arn(engine, "chain-1"), role_arn(engine, "chain-2")
    keys = sts.assume_role(RoleArn=first, RoleSessionName="one", Tags=[{"Key": "a", "Value": "b"}], TransitiveTagKeys=["a"])["Credentials"]
    chained = client_of("sts", keys)
    code, _ = error_of(chained.assume_role, RoleArn=second, RoleSessionName="two", Tags=[{"Key": "a", "Value": "c"}])
    assert code == "InvalidParameterValue"
    two = chained.assume_role(RoleArn=second, RoleSessionName="two")["Credentials"]
    assert client_of("sts", two).get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/chain-2/two"
    code, message = error_of(chained.assume_role, RoleArn=second, RoleSessionName="two", DurationSeconds=3601)
    assert code == "ValidationError" and "MaxSessionDuration" in message


def test_web_identity_and_saml_assume_roles(engine, sts, client_of):
    arn = role_arn(engine, "federated")
    claims = base64.urlsafe_b64encode(json.dumps({"iss": "https://idp", "sub": "me", "aud": "app"}).encode()).decode().rstrip("=")
    web = sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="web", WebIdentityToken=f"e30.{claims}.c2ln")
    assert (web["SubjectFromWebIdentityToken"], web["Audience"], web["Provider"]) == ("me", "app", "https://idp")
    provider = engine.client("iam").create_saml_provider(Name="federated", SAMLMetadataDocument="x" * 1000)["SAMLProviderArn"]
    attribute = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
    assertion = ("<Response><Assertion><Subject><NameID>ann</NameID></Subject><AttributeStatement>"
                 f'<Attribute Name="{attribute}"><AttributeValue>Ann</AttributeValue></Attribute></AttributeStatement></Assertion></Response>')
    saml = sts.assume_role_with_saml(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=base64.b64encode(assertion.encode()).decode())
    assert saml["Subject"] == "ann"
    assert client_of("sts", saml["Credentials"]).get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/federated/Ann"


def test_keys_map_to_their_account(sts):
    assert sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"] == "000000000000"
    keys = sts.assume_root(TargetPrincipal="222222222222",
                           TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"})["Credentials"]
    assert sts.get_access_key_info(AccessKeyId=keys["AccessKeyId"])["Account"] == "222222222222"


def test_message_that_the_engine_did_not_issue(sts):
    assert error_of(sts.decode_authorization_message, EncodedMessage="x")[0] == "InvalidAuthorizationMessageException"
