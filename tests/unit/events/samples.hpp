#pragma once

#include <string>
#include <utility>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "cli/sample_events.hpp"

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

/// Returns "CODE: message" of the exception that `act` throws; empty if it throws none.
template <class Act>
std::string error_of(Act act) {
    try {
        act();
    } catch (const Aws_Exception& error) { return error.what(); }
    return "";
}

}  // namespace osbot_aws::events::test
