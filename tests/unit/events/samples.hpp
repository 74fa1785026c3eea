#pragma once

#include <string>
#include <utility>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "cli/project/sample_events.hpp"

namespace osbot_aws::events::test {

/// Returns an event of `osbot event`.
inline Json sample(const char* kind, const cli::Settings& settings = {}) {
    return base::parse_json_or_throw(cli::sample_event(kind, settings).value().dump());
}

/// An event of a load balancer, with the members of the documentation.
/// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
inline Json alb_event() {
    return base::parse_json_or_throw(R"({
        "requestContext": {"elb": {"targetGroupArn":
            "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-target-group/6d0ecf831eec9f09"}},
        "httpMethod": "GET",
        "path": "/orders",
        "queryStringParameters": {"name": "Ada%20L", "tag": "a%2Bb+c"},
        "headers": {"host": "lambda-alb.us-east-2.elb.amazonaws.com", "cookie": "a=1; b=2",
                    "x-forwarded-for": "198.51.100.1, 203.0.113.7"},
        "body": "",
        "isBase64Encoded": false
    })");
}

/// Two records of a stream, as documented.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
inline Json kinesis_event() {
    return base::parse_json_or_throw(R"({"Records": [
        {"kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "1",
             "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
             "data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==", "approximateArrivalTimestamp": 1545084650.987},
         "eventSource": "aws:kinesis", "eventVersion": "1.0",
         "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
         "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
         "awsRegion": "us-east-2",
         "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"},
        {"kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "1",
             "sequenceNumber": "49590338271490256608559692540925702759324208523137515618",
             "data": "VGhpcyBpcyBvbmx5IGEgdGVzdC4=", "approximateArrivalTimestamp": 1545084711.166},
         "eventSource": "aws:kinesis", "eventVersion": "1.0",
         "eventID": "shardId-000000000006:49590338271490256608559692540925702759324208523137515618",
         "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
         "awsRegion": "us-east-2",
         "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"}
    ]})");
}

/// An item that is inserted, changed and removed, as documented.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
inline Json dynamodb_event() {
    Json event = base::parse_json_or_throw(R"({"Records": [
        {"eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "INSERT",
         "dynamodb": {"ApproximateCreationDateTime": 1428537600, "Keys": {"Id": {"N": "101"}},
             "NewImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
             "SequenceNumber": "4421584500000000017450439091", "SizeBytes": 26},
         "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"}},
        {"eventID": "c81e728d9d4c2f636f067f89cc14862c", "eventName": "MODIFY",
         "dynamodb": {"ApproximateCreationDateTime": 1428537600, "Keys": {"Id": {"N": "101"}},
             "NewImage": {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}},
             "OldImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
             "SequenceNumber": "4421584500000000017450439092", "SizeBytes": 59}},
        {"eventID": "eccbc87e4b5ce2fe28308fd9f2a7baf3", "eventName": "REMOVE",
         "dynamodb": {"ApproximateCreationDateTime": 1428537600, "Keys": {"Id": {"N": "101"}},
             "OldImage": {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}},
             "SequenceNumber": "4421584500000000017450439093", "SizeBytes": 38}}
    ]})");
    for (Json& record : event["Records"]) {
        record.update({{"eventVersion", "1.1"}, {"eventSource", "aws:dynamodb"}, {"awsRegion", "eu-central-1"}});
        record["eventSourceARN"] =
            "arn:aws:dynamodb:eu-central-1:123456789012:table/ExampleTableWithStream/stream/2015-06-27T00:48:05.899";
        record["dynamodb"]["StreamViewType"] = "NEW_AND_OLD_IMAGES";
    }
    return event;
}

/// Returns "CODE: message" of the exception that `act` throws; empty if it throws none.
template <class Act>
std::string error_of(Act act) {
    try {
        act();
    } catch (const Aws_Exception& error) { return error.what(); }
    return "";
}

}  // namespace osbot_aws::events::test
