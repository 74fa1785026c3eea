# [start worker]
def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            print("order", int(record["body"]))
        except ValueError:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
# [end worker]
