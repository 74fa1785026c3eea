cp "$GUIDE/queue_worker.py" worker.py
# [start queue]
sqs() { aws --endpoint-url "$AWS_ENDPOINT_URL" sqs "$@"; } # version 1 of the aws CLI ignores the variable for SQS
osbot deploy worker.py --timeout 30
url=$(sqs create-queue --queue-name orders --query QueueUrl --output text)
arn=$(sqs get-queue-attributes --queue-url "$url" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws lambda create-event-source-mapping --function-name worker --event-source-arn "$arn" \
    --function-response-types ReportBatchItemFailures
sqs send-message --queue-url "$url" --message-body 42
# [end queue]
until osbot logs worker | grep 'order 42'; do sleep 0.1; done
# [start fifo]
fifo=$(sqs create-queue --queue-name payments.fifo --attributes FifoQueue=true,ContentBasedDeduplication=true \
    --query QueueUrl --output text)
sqs send-message --queue-url "$fifo" --message-body 42 --message-group-id customer-7
# [end fifo]
# [start asynchronous]
osbot invoke worker '{"Records": []}' --async
# [end asynchronous]
# [start destinations]
sqs create-queue --queue-name failed-events
aws lambda put-function-event-invoke-config --function-name worker --maximum-retry-attempts 1 \
    --destination-config '{"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:failed-events"}}'
# [end destinations]
# [start sample]
osbot event sqs --set body=43 >event.json
osbot invoke worker @event.json --logs
# [end sample]
