# [start page]
import json


def handler(event, context):
    name = event["queryStringParameters"]["name"] if event.get("queryStringParameters") else "world"
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"hello": name, "method": event["requestContext"]["http"]["method"]}),
    }
# [end page]
