"""Connects a queue of SQS to a function, with the settings of the mapping. docs/guide/06 quotes it."""
import boto3

from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


def worker(event, context):
    """Reports each message without a number as failed."""
    failed = [message["messageId"] for message in event["Records"] if not message["body"].isdigit()]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


deploy = Deploy_Lambda(worker, lambda_name="worker")
if not deploy.deploy():
    raise SystemExit(deploy.last_error)
target = Lambda("worker").client().meta
sqs = boto3.client("sqs", target.region_name, endpoint_url=target.endpoint_url, aws_access_key_id="test", aws_secret_access_key="test")
queue = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
# [start mapping]
mapping = Lambda("worker").event_source_create(
    arn, batch_size=100, maximum_batching_window_in_seconds=5, function_response_types=["ReportBatchItemFailures"],
    filter_criteria={"Filters": [{"Pattern": {"body": {"kind": ["order"]}}}]}, scaling_config={"MaximumConcurrency": 5})
# [end mapping]
print(mapping["BatchSize"], mapping["FunctionResponseTypes"], mapping["FilterCriteria"], mapping["ScalingConfig"])
Lambda("worker").event_source_delete(mapping["UUID"])
deploy.delete()
