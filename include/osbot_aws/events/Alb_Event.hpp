#pragma once

#include <map>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// A request of an Application Load Balancer. Http_Request decodes it.
///
/// The members have AWS's names. If multi-value headers are enabled for the target group, multiValueHeaders and
/// multiValueQueryStringParameters are set instead of headers and queryStringParameters. `other` contains the members
/// without a field of their own, so that to_json() writes the same JSON that from_json() read. Errors of from_json():
/// Aws_Exception(InvalidEvent), naming the member.
/// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
struct Alb_Event {
    std::string httpMethod = {};                                                           ///< GET, POST ...
    std::string path = {};                                                                 ///< the path
    std::map<std::string, std::string> headers = {};                                       ///< names in lower case
    std::map<std::string, std::vector<std::string>> multiValueHeaders = {};                ///< names in lower case
    std::map<std::string, std::string> queryStringParameters = {};                         ///< encoded
    std::map<std::string, std::vector<std::string>> multiValueQueryStringParameters = {};  ///< encoded
    Json requestContext = Json::object();                                                  ///< {elb: {targetGroupArn}}
    std::string body = {};         ///< base64 if isBase64Encoded
    bool isBase64Encoded = false;  ///< true for a body that is not text
    Json other = Json::object();   ///< all other members

    bool operator==(const Alb_Event&) const = default;
};

void from_json(const Json& json, Alb_Event& event);
void to_json(Json& json, const Alb_Event& event);

}  // namespace osbot_aws::events
