// A function with AWS's library for Go. Its environment selects the handler: the library has one for each process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type order struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
}

type orderError struct{ id string }

func (e orderError) Error() string { return "no stock for " + e.id }

func takeOrder(ctx context.Context, o order) (map[string]any, error) {
	switch o.ID {
	case "error":
		return nil, errors.New("a plain error")
	case "typed error":
		return nil, orderError{o.ID}
	case "panic":
		panic("a panic")
	case "exit":
		os.Exit(3)
	}
	call, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	fmt.Println("order", o.ID)
	return map[string]any{
		"id": o.ID, "twice": 2 * o.Count, "request_id": call.AwsRequestID, "arn": call.InvokedFunctionArn,
		"function": lambdacontext.FunctionName, "memory": lambdacontext.MemoryLimitInMB, "seconds": int(time.Until(deadline).Seconds()) + 1,
	}, nil
}

func takeMessages(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var failed events.SQSEventResponse
	for _, message := range batch.Records {
		if strings.HasPrefix(message.Body, "bad") {
			failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
			continue
		}
		fmt.Println("message", message.Body)
	}
	return failed, nil
}

func streamPage(ctx context.Context, request events.LambdaFunctionURLRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
	reader, writer := io.Pipe()
	go func() {
		for i := 0; i < 3; i++ {
			fmt.Fprintf(writer, "part %d of %s\n", i, request.RawPath)
			time.Sleep(20 * time.Millisecond)
		}
		writer.Close()
	}()
	return &events.LambdaFunctionURLStreamingResponse{StatusCode: 201, Headers: map[string]string{"Content-Type": "text/plain", "X-From": "go"}, Body: reader}, nil
}

func main() {
	handlers := map[string]any{"": takeOrder, "messages": takeMessages, "stream": streamPage}
	lambda.StartWithOptions(handlers[os.Getenv("HANDLER")], lambda.WithEnableSIGTERM())
}
