"""Tests IAM's instance profiles, identity providers, MFA devices and certificates with boto3."""

import json

import pytest
from conftest import error_of

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
METADATA = "x" * 1000
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUAosXA6aJblKsAoSkrHgzXZarPxswCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBYTAgFw0yNjExMzAxNjUyMjdaGA8yMTI2MTEwNjE2NTIyN1ow
DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABELxfCc9BcjT
o1sPDdk5wKV9UWp8dKWhci6YLaiT+oWvLjB3j/gXzbPov3PfGwgTSDmrS3ZAUl6d
HSHd93Si9e+jUzBRMB0GA1UdDgQWBBSPEDM+R66Gq/rl7bUT0jYSksim6DAfBgNV
HSMEGDAWgBSPEDM+R66Gq/rl7bUT0jYSksim6DAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIEFqI8BRN7q9eP5PrVTBgPsYNbyC5M0IwMUzAoXBSrSg
AiBvTwn9yeTM/hbyTNjFU6jU+NfWDjKkQjQVMo00rlOTLQ==
-----END CERTIFICATE-----"""


@pytest.fixture
def iam(engine):
    return engine.client("iam")


def test_instance_profile_has_one_role(iam):
    profile = iam.create_instance_profile(InstanceProfileName="machine", Path="/ec2/", Tags=[{"Key": "a", "Value": "b"}])["InstanceProfile"]
    assert profile["Arn"] == "arn:aws:iam::000000000000:instance-profile/ec2/machine"
    assert profile["InstanceProfileId"].startswith("AIPA") and profile["Roles"] == []
    for name in ("machine", "machine-2"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="machine")
    limit = ("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    assert error_of(iam.add_role_to_instance_profile, InstanceProfileName="machine", RoleName="machine-2") == limit
    assert [each["InstanceProfileName"] for each in iam.list_instance_profiles_for_role(RoleName="machine")["InstanceProfiles"]] == ["machine"]
    assert iam.get_instance_profile(InstanceProfileName="machine")["InstanceProfile"]["Roles"][0]["RoleName"] == "machine"
    conflict = ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    assert error_of(iam.delete_role, RoleName="machine") == conflict
    assert error_of(iam.delete_instance_profile, InstanceProfileName="machine") == conflict
    iam.remove_role_from_instance_profile(InstanceProfileName="machine", RoleName="machine")
    iam.delete_instance_profile(InstanceProfileName="machine")
    missing = ("NoSuchEntity", "Instance Profile machine cannot be found.")
    assert error_of(iam.get_instance_profile, InstanceProfileName="machine") == missing


def test_oidc_provider_is_created_changed_and_deleted(iam):
    thumbprint = "a" * 40
    arn = iam.create_open_id_connect_provider(Url="https://idp.example.com/path", ClientIDList=["one"],
                                              ThumbprintList=[thumbprint])["OpenIDConnectProviderArn"]
    assert arn == "arn:aws:iam::000000000000:oidc-provider/idp.example.com/path"
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["b" * 40])
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (found["Url"], found["ClientIDList"], found["ThumbprintList"]) == ("idp.example.com/path", ["one", "two"], ["b" * 40])
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert error_of(iam.create_open_id_connect_provider, Url="https://idp.example.com/path", ThumbprintList=[thumbprint])[0] == (
        "EntityAlreadyExists")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert error_of(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)[0] == "NoSuchEntity"


def test_saml_provider_is_created_changed_and_deleted(iam):
    arn = iam.create_saml_provider(Name="company", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    assert arn == "arn:aws:iam::000000000000:saml-provider/company"
    iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument="y" * 1000)
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == "y" * 1000
    assert arn in [each["Arn"] for each in iam.list_saml_providers()["SAMLProviderList"]]
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert error_of(iam.get_saml_provider, SAMLProviderArn=arn)[0] == "NoSuchEntity"


def test_virtual_mfa_device_belongs_to_a_user(iam):
    iam.create_user(UserName="careful")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="careful")["VirtualMFADevice"]
    serial = device["SerialNumber"]
    assert serial == "arn:aws:iam::000000000000:mfa/careful" and len(device["Base32StringSeed"]) == 64
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName="careful", SerialNumber=serial, **codes)
    assert [each["SerialNumber"] for each in iam.list_mfa_devices(UserName="careful")["MFADevices"]] == [serial]
    assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert [each["User"]["UserName"] for each in assigned if each["SerialNumber"] == serial] == ["careful"]
    assert error_of(iam.delete_virtual_mfa_device, SerialNumber=serial)[0] == "DeleteConflict"
    assert error_of(iam.delete_user, UserName="careful")[0] == "DeleteConflict"
    iam.deactivate_mfa_device(UserName="careful", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.delete_user(UserName="careful")


def test_server_and_signing_certificates(iam):
    made = iam.upload_server_certificate(ServerCertificateName="site", Path="/cloudfront/", CertificateBody=CERTIFICATE,
                                         PrivateKey="key")["ServerCertificateMetadata"]
    assert made["Arn"] == "arn:aws:iam::000000000000:server-certificate/cloudfront/site" and made["ServerCertificateId"].startswith("ASCA")
    assert made["Expiration"].year == 2126
    iam.update_server_certificate(ServerCertificateName="site", NewServerCertificateName="web")
    assert iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]["CertificateBody"] == CERTIFICATE
    iam.delete_server_certificate(ServerCertificateName="web")
    missing = ("NoSuchEntity", "The Server Certificate with name web cannot be found.")
    assert error_of(iam.delete_server_certificate, ServerCertificateName="web") == missing
    iam.create_user(UserName="signing")
    assert error_of(iam.upload_signing_certificate, UserName="signing", CertificateBody="text")[0] == "MalformedCertificate"
    signing = iam.upload_signing_certificate(UserName="signing", CertificateBody=CERTIFICATE)["Certificate"]
    iam.delete_signing_certificate(UserName="signing", CertificateId=signing["CertificateId"])
    assert iam.list_signing_certificates(UserName="signing")["Certificates"] == []


def test_providers_survive_a_killed_engine(own_engine):
    engine = own_engine()
    iam = engine.client("iam")
    saml = iam.create_saml_provider(Name="durable", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    oidc = iam.create_open_id_connect_provider(Url="https://durable", ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="durable")["VirtualMFADevice"]["SerialNumber"]
    iam.create_instance_profile(InstanceProfileName="durable")
    iam.upload_server_certificate(ServerCertificateName="durable", CertificateBody=CERTIFICATE, PrivateKey="key")
    engine.stop(9)
    engine.start()
    iam = engine.client("iam")
    assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == METADATA
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)["Url"] == "durable"
    assert [each["SerialNumber"] for each in iam.list_virtual_mfa_devices()["VirtualMFADevices"]] == [serial]
    assert [each["InstanceProfileName"] for each in iam.list_instance_profiles()["InstanceProfiles"]] == ["durable"]
    assert [each["ServerCertificateName"] for each in iam.list_server_certificates()["ServerCertificateMetadataList"]] == ["durable"]
