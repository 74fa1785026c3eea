# [start test_orders]
import boto3
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


def store(event, context):
    import os

    return {"stored": event["order_id"], "stage": os.environ["STAGE"]}


def place_order(order_id):  # the code under test, unchanged
    response = boto3.client("lambda").invoke(FunctionName="store", Payload=b'{"order_id": "%s"}' % order_id.encode())
    return response["Payload"].read()


def test_an_order_is_stored(osbot_local):
    deploy = Deploy_Lambda(store, "store").set_env_variable("STAGE", "test")
    assert deploy.deploy(), deploy.last_error
    assert place_order("ORD-1") == b'{"stored": "ORD-1", "stage": "test"}'


def test_each_test_has_its_own_engine(osbot_local):
    assert boto3.client("lambda").list_functions()["Functions"] == []
# [end test_orders]
