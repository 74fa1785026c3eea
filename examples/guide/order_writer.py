# [start writer]
import json
import os

import boto3


def handler(event, context):
    boto3.resource("dynamodb").Table("orders").put_item(Item={"id": event["id"]})
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=event["id"])
    entry = {"Source": "orders", "DetailType": "created", "Detail": json.dumps(event)}
    return boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"]
# [end writer]
