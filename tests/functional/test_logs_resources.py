"""Tests policies, destinations, deliveries, query definitions and tags of CloudWatch Logs with boto3."""

import json
import signal

import pytest

from test_logs import refused

GROUP = "/resources/orders"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Sid": "s", "Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}]})
ARN = "arn:aws:logs:us-east-1:000000000000:"


@pytest.fixture
def logs(engine):
    client = engine.client("logs")
    client.create_log_group(logGroupName=GROUP)
    yield client
    client.delete_log_group(logGroupName=GROUP)


def test_resource_policies_are_limited_to_ten(logs):
    names = [f"policy-{number}" for number in range(10)]
    for name in names:
        stored = logs.put_resource_policy(policyName=name, policyDocument=POLICY)["resourcePolicy"]
        assert (stored["policyName"], stored["policyDocument"], stored["policyScope"]) == (name, POLICY, "ACCOUNT")
    assert refused(logs.put_resource_policy, policyName="more", policyDocument=POLICY) == ("LimitExceededException", "Resource limit exceeded.")
    before = logs.describe_resource_policies()["resourcePolicies"]
    assert [each["policyName"] for each in before] == names
    logs.put_resource_policy(policyName=names[0], policyDocument='{"Statement":[]}')
    after = logs.describe_resource_policies(limit=1)["resourcePolicies"][0]
    assert after["policyDocument"] == '{"Statement":[],"Version":"2008-10-17"}' and after["lastUpdatedTime"] > before[0]["lastUpdatedTime"]
    for name in names:
        logs.delete_resource_policy(policyName=name)
    assert refused(logs.delete_resource_policy, policyName="absent") == (
        "ResourceNotFoundException", "Policy with name [absent] does not exist.")
    assert refused(logs.put_resource_policy, policyName="p", policyDocument="no json") == (
        "InvalidParameterException", "Could not convert to persistable policy.")


def test_described_policy_has_single_principals(logs):
    """LocalStack, tests/aws/services/logs/test_logs_policies.snapshot.json, test_describe_resource_policies."""
    sent = {"Statement": [{"Effect": "Allow", "Principal": {"Service": ["route53.amazonaws.com"]}, "Action": "logs:PutLogEvents", "Resource": "*"}]}
    logs.put_resource_policy(policyName="dns", policyDocument=json.dumps(sent))
    found, = logs.describe_resource_policies()["resourcePolicies"]
    logs.delete_resource_policy(policyName="dns")
    described = json.loads(found["policyDocument"])
    assert described["Statement"][0]["Principal"] == {"Service": "route53.amazonaws.com"} and described["Version"] == "2008-10-17"


def test_long_names_are_rejected_before_other_constraints(logs):
    """LocalStack, tests/aws/services/logs/test_logs_groups.snapshot.json, test_create_log_group_invalid_name_length."""
    for call in (logs.create_log_group, logs.describe_log_streams, logs.describe_subscription_filters):
        assert refused(call, logGroupName="x" * 513) == (
            "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512.")


def test_groups_found_by_a_pattern_have_no_sizes(logs):
    logs.create_log_group(logGroupName="/pattern/a")
    by_pattern, = logs.describe_log_groups(logGroupNamePattern="/pattern/a")["logGroups"]
    by_prefix, = logs.describe_log_groups(logGroupNamePrefix="/pattern/a")["logGroups"]
    logs.delete_log_group(logGroupName="/pattern/a")
    assert by_prefix.keys() - by_pattern.keys() == {"storedBytes", "deletionProtectionEnabled"}


def test_policies_of_one_resource_have_revisions(logs):
    arn = ARN + f"log-group:{GROUP}"
    put = logs.put_resource_policy(resourceArn=arn, policyDocument=POLICY)
    assert put["resourcePolicy"]["policyScope"] == "RESOURCE" and put["revisionId"]
    assert refused(logs.put_resource_policy, resourceArn=arn, policyDocument=POLICY, expectedRevisionId="other")[0] == "OperationAbortedException"
    assert [each["resourceArn"] for each in logs.describe_resource_policies(resourceArn=arn)["resourcePolicies"]] == [arn]
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    logs.delete_resource_policy(resourceArn=arn, expectedRevisionId=put["revisionId"])


def test_account_and_group_policies_are_stored(logs):
    logs.put_account_policy(policyName="protect", policyType="DATA_PROTECTION_POLICY", policyDocument=POLICY, scope="ALL")
    stored, = logs.describe_account_policies(policyType="DATA_PROTECTION_POLICY")["accountPolicies"]
    assert (stored["policyName"], stored["accountId"], stored["scope"]) == ("protect", "000000000000", "ALL")
    assert logs.describe_account_policies(policyType="TRANSFORMER_POLICY")["accountPolicies"] == []
    logs.put_data_protection_policy(logGroupIdentifier=GROUP, policyDocument=POLICY)
    assert logs.get_data_protection_policy(logGroupIdentifier=ARN + f"log-group:{GROUP}")["policyDocument"] == POLICY
    group, = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert (group["dataProtectionStatus"], group["inheritedProperties"]) == ("ACTIVATED", ["ACCOUNT_DATA_PROTECTION"])
    logs.delete_data_protection_policy(logGroupIdentifier=GROUP)
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=GROUP)
    logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument='{"Fields": ["id", "user"]}')
    assert logs.describe_index_policies(logGroupIdentifiers=[GROUP])["indexPolicies"][0]["source"] == "LOG_GROUP"
    assert [each["fieldIndexName"] for each in logs.describe_field_indexes(logGroupIdentifiers=[GROUP])["fieldIndexes"]] == ["id", "user"]
    logs.delete_index_policy(logGroupIdentifier=GROUP)
    logs.delete_account_policy(policyName="protect", policyType="DATA_PROTECTION_POLICY")
    assert refused(logs.delete_account_policy, policyName="protect", policyType="DATA_PROTECTION_POLICY")[0] == "ResourceNotFoundException"


def test_destinations_have_policies_and_tags(logs):
    arguments = {"destinationName": "central", "targetArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "roleArn": "arn:aws:iam::000000000000:role/r"}
    created = logs.put_destination(**arguments, tags={"key1": "val1"})["destination"]
    assert created["arn"] == ARN + "destination:central" and "accessPolicy" not in created
    logs.put_destination_policy(destinationName="central", accessPolicy=POLICY)
    found, = logs.describe_destinations(DestinationNamePrefix="cen")["destinations"]
    assert found == {**created, "accessPolicy": POLICY}
    assert logs.describe_destinations(DestinationNamePrefix="other")["destinations"] == []
    logs.tag_resource(resourceArn=created["arn"], tags={"key2": "val2"})
    assert logs.list_tags_for_resource(resourceArn=created["arn"])["tags"] == {"key1": "val1", "key2": "val2"}
    logs.untag_resource(resourceArn=created["arn"], tagKeys=["key2"])
    assert logs.list_tags_for_resource(resourceArn=created["arn"])["tags"] == {"key1": "val1"}
    logs.delete_destination(destinationName="central")
    assert refused(logs.delete_destination, destinationName="central") == (
        "ResourceNotFoundException", "The specified destination does not exist.")


def test_deliveries_connect_sources_and_destinations(logs):
    source = {"name": "site", "resourceArn": "arn:aws:cloudfront::000000000000:distribution/E1", "logType": "ACCESS_LOGS"}
    assert logs.put_delivery_source(**source)["deliverySource"] == {
        "name": "site", "arn": ARN + "delivery-source:site", "resourceArns": [source["resourceArn"]], "service": "cloudfront", "logType": "ACCESS_LOGS"}
    assert refused(logs.put_delivery_source, **{**source, "name": "s3", "resourceArn": "arn:aws:s3:::b"}) == (
        "ResourceNotFoundException", "Cannot access provided service.")
    assert refused(logs.put_delivery_source, **{**source, "resourceArn": "arn:aws:cloudfront::000000000000:distribution/E2"})[0] == "ConflictException"
    target = {"name": "bucket", "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::b"}}
    destination = logs.put_delivery_destination(**target, outputFormat="json")["deliveryDestination"]
    assert destination["deliveryDestinationType"] == "S3" and destination["arn"] == ARN + "delivery-destination:bucket"
    assert refused(logs.put_delivery_destination, **target, outputFormat="w3c")[0] == "ValidationException"
    assert refused(logs.put_delivery_destination, **target, outputFormat="foobar") == (
        "ValidationException", "1 validation error detected: Value 'foobar' at 'outputFormat' failed to satisfy constraint: Member must satisfy "
                               "enum value set: [w3c, raw, json, plain, parquet]")
    logs.put_delivery_destination_policy(deliveryDestinationName="bucket", deliveryDestinationPolicy=POLICY)
    assert logs.get_delivery_destination_policy(deliveryDestinationName="bucket")["policy"] == {"deliveryDestinationPolicy": POLICY}
    logs.delete_delivery_destination_policy(deliveryDestinationName="bucket")
    assert logs.get_delivery_destination_policy(deliveryDestinationName="bucket")["policy"] == {}

    delivery = logs.create_delivery(deliverySourceName="site", deliveryDestinationArn=destination["arn"], tags={"k": "v"})["delivery"]
    assert delivery["recordFields"][:2] == ["date", "time"] and delivery["tags"] == {"k": "v"}
    assert delivery["s3DeliveryConfiguration"] == {"suffixPath": "AWSLogs/{account-id}/CloudFront/", "enableHiveCompatiblePath": False}
    assert refused(logs.create_delivery, deliverySourceName="site", deliveryDestinationArn=destination["arn"]) == (
        "ConflictException", "The specified Delivery already exists")
    logs.update_delivery_configuration(id=delivery["id"], fieldDelimiter=",", recordFields=["date"])
    assert logs.get_delivery(id=delivery["id"])["delivery"] == {**delivery, "fieldDelimiter": ",", "recordFields": ["date"]}
    assert [each["id"] for each in logs.describe_deliveries(deliverySourceNames=["site"])["deliveries"]] == [delivery["id"]]
    assert refused(logs.delete_delivery_source, name="site")[0] == "ConflictException"
    logs.delete_delivery(id=delivery["id"])
    assert refused(logs.get_delivery, id=delivery["id"]) == (
        "ResourceNotFoundException", "Requested Delivery does not exist in this account.")
    logs.delete_delivery_source(name="site")
    logs.delete_delivery_destination(name="bucket")
    assert refused(logs.get_delivery_destination, name="bucket") == (
        "ResourceNotFoundException", "Requested Delivery Destination does not exist in this account.")


def test_query_definitions_are_stored(logs):
    id = logs.put_query_definition(name="errors/recent", queryString="fields @message", logGroupNames=[GROUP])["queryDefinitionId"]
    stored, = logs.describe_query_definitions(queryDefinitionNamePrefix="errors")["queryDefinitions"]
    assert (stored["queryDefinitionId"], stored["queryString"], stored["logGroupNames"]) == (id, "fields @message", [GROUP])
    logs.put_query_definition(queryDefinitionId=id, name="renamed", queryString="stats count(*)")
    assert logs.describe_query_definitions()["queryDefinitions"][0]["name"] == "renamed"
    assert logs.delete_query_definition(queryDefinitionId=id)["success"] is True
    assert refused(logs.delete_query_definition, queryDefinitionId=id)[0] == "ResourceNotFoundException"


def test_keys_of_groups_are_stored(logs):
    key = "arn:aws:kms:us-east-1:000000000000:key/1234"

    def stored():
        return logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0].get("kmsKeyId")
    logs.associate_kms_key(logGroupName=GROUP, kmsKeyId=key)
    assert stored() == key
    logs.disassociate_kms_key(resourceIdentifier=ARN + f"log-group:{GROUP}")
    assert stored() is None
    logs.create_log_group(logGroupName=GROUP + "/encrypted", kmsKeyId=key)
    assert [each["kmsKeyId"] for each in logs.describe_log_groups(logGroupNamePrefix=GROUP + "/")["logGroups"]] == [key]
    assert [each["logGroupName"] for each in logs.list_log_groups(logGroupNamePattern="^/resources|zzz")["logGroups"]] == [GROUP, GROUP + "/encrypted"]
    logs.delete_log_group(logGroupName=GROUP + "/encrypted")


def test_resources_survive_a_crash_and_a_reset_deletes_them(own_engine):
    engine = own_engine()
    logs = engine.client("logs")
    logs.create_log_group(logGroupName=GROUP, kmsKeyId="arn:aws:kms:us-east-1:000000000000:key/1")
    logs.put_metric_filter(logGroupName=GROUP, filterName="f", filterPattern="", metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}])
    logs.put_resource_policy(policyName="p", policyDocument=POLICY)
    logs.put_destination(destinationName="d", targetArn="arn:aws:kinesis:us-east-1:1:stream/s", roleArn="arn:aws:iam::1:role/r", tags={"a": "b"})
    logs.put_query_definition(name="q", queryString="fields @message")
    query = logs.start_query(logGroupName=GROUP, startTime=0, endTime=4_000_000_000, queryString="fields @message")["queryId"]

    def state():
        client = engine.client("logs")
        return [client.describe_metric_filters()["metricFilters"], client.describe_resource_policies()["resourcePolicies"],
                client.describe_destinations()["destinations"], client.describe_query_definitions()["queryDefinitions"],
                [each["queryId"] for each in client.describe_queries()["queries"]]]
    before = state()
    assert all(before) and before[-1] == [query]
    engine.stop(signal.SIGKILL)
    engine.start()
    assert state() == before
    assert engine.client("logs").list_tags_for_resource(resourceArn=ARN + "destination:d")["tags"] == {"a": "b"}
    engine.run("local", "reset", "--yes")
    assert not any(state())
