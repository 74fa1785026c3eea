// Calls the engine with AWS's SDK for Go, whose endpoint, region and keys come from the environment. Prints what it saw as one JSON object.
// Arguments: the zip of a function, and the ARN of its role.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

var ctx = context.Background()
var seen = map[string]any{}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// codeOf returns the code of an error of AWS.
func codeOf(err error) string {
	var apiError smithy.APIError
	if !errors.As(err, &apiError) {
		return "not an error of the API"
	}
	return apiError.ErrorCode()
}

func callLambda(settings aws.Config, zip []byte, role string) {
	client := lambda.NewFromConfig(settings)
	name := aws.String("go-sdk")
	must(client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: name, Role: &role, Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Code: &lambdatypes.FunctionCode{ZipFile: zip}, MemorySize: aws.Int32(256), Timeout: aws.Int32(10)}))
	check(lambda.NewFunctionActiveV2Waiter(client, func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay = 50 * time.Millisecond }).Wait(
		ctx, &lambda.GetFunctionInput{FunctionName: name}, time.Minute))
	result := must(client.Invoke(ctx, &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{"id": "sdk", "count": 4}`), LogType: lambdatypes.LogTypeTail}))
	var payload map[string]any
	check(json.Unmarshal(result.Payload, &payload))
	seen["twice"], seen["has_log"] = payload["twice"], len(*result.LogResult) > 0
	failed := must(client.Invoke(ctx, &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{"id": "error"}`)}))
	seen["function_error"] = aws.ToString(failed.FunctionError)

	must(client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: name, Description: aws.String("changed")}))
	check(lambda.NewFunctionUpdatedV2Waiter(client, func(o *lambda.FunctionUpdatedV2WaiterOptions) { o.MinDelay = 50 * time.Millisecond }).Wait(
		ctx, &lambda.GetFunctionInput{FunctionName: name}, time.Minute))
	version := must(client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: name}))
	alias := must(client.CreateAlias(ctx, &lambda.CreateAliasInput{FunctionName: name, Name: aws.String("live"), FunctionVersion: version.Version}))
	seen["version"], seen["alias"] = *version.Version, *alias.AliasArn
	var names []string
	for pages := lambda.NewListFunctionsPaginator(client, &lambda.ListFunctionsInput{}); pages.HasMorePages(); {
		for _, function := range must(pages.NextPage(ctx)).Functions {
			names = append(names, *function.FunctionName)
		}
	}
	seen["listed"] = strings.Contains(strings.Join(names, " "), *name)

	streamed := must(client.InvokeWithResponseStream(ctx, &lambda.InvokeWithResponseStreamInput{FunctionName: name, Payload: []byte(`{"id": "stream"}`)}))
	var chunks bytes.Buffer
	for event := range streamed.GetStream().Events() {
		if chunk, is := event.(*lambdatypes.InvokeWithResponseStreamResponseEventMemberPayloadChunk); is {
			chunks.Write(chunk.Value.Payload)
		}
	}
	check(streamed.GetStream().Err())
	seen["streamed"] = strings.Contains(chunks.String(), `"id":"stream"`)

	must(client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: name}))
	_, err := client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: name})
	var missing *lambdatypes.ResourceNotFoundException
	seen["missing"] = errors.As(err, &missing)
}

func callS3(settings aws.Config) {
	client := s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = true })
	bucket, key := aws.String("go-sdk-bucket"), aws.String("folder/a name+with %signs")
	must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))
	must(client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("content"), Metadata: map[string]string{"a": "b"}}))
	object := must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, ChecksumMode: s3types.ChecksumModeEnabled}))
	seen["object"], seen["metadata"] = string(must(io.ReadAll(object.Body))), object.Metadata
	_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("none")})
	var missing *s3types.NoSuchKey
	seen["no_such_key"] = errors.As(err, &missing)
	signed := must(s3.NewPresignClient(client).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key}))
	seen["presigned"] = signed.URL
}

func callSqs(settings aws.Config) {
	client := sqs.NewFromConfig(settings)
	queue := must(client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("go-sdk-queue")})).QueueUrl
	must(client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("hello"), MessageAttributes: map[string]sqstypes.MessageAttributeValue{
		"kind": {DataType: aws.String("String"), StringValue: aws.String("greeting")}}}))
	received := must(client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 2, MessageAttributeNames: []string{"All"}}))
	seen["message"] = *received.Messages[0].Body + " " + *received.Messages[0].MessageAttributes["kind"].StringValue
	_, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
	seen["no_queue"] = codeOf(err)
}

func main() {
	settings := must(config.LoadDefaultConfig(ctx))
	seen["account"] = *must(sts.NewFromConfig(settings).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})).Account
	callLambda(settings, must(os.ReadFile(os.Args[1])), os.Args[2])
	callS3(settings)
	callSqs(settings)
	groups := must(cloudwatchlogs.NewFromConfig(settings).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/go-sdk")}))
	seen["log_groups"] = len(groups.LogGroups)
	check(json.NewEncoder(os.Stdout).Encode(seen))
}
