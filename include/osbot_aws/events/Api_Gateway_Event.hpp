#pragma once

#include <map>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// A request to a REST API of API Gateway (proxy integration), or to an HTTP API with payload format 1.0. Http_Request
/// decodes it.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member.
/// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
struct Api_Gateway_Event {
    std::string resource = {};                                               ///< the resource, e.g. /orders/{id}
    std::string path = {};                                                   ///< the path without the stage
    std::string httpMethod = {};                                             ///< GET, POST ...
    std::map<std::string, std::string> headers = {};                         ///< the last value of each header
    std::map<std::string, std::vector<std::string>> multiValueHeaders = {};  ///< all values of each header
    std::map<std::string, std::string> queryStringParameters = {};           ///< decoded; the last value
    std::map<std::string, std::vector<std::string>> multiValueQueryStringParameters = {};  ///< decoded; all values
    std::map<std::string, std::string> pathParameters = {};                                ///< e.g. id
    std::map<std::string, std::string> stageVariables = {};                                ///< settings of the stage
    Json requestContext = Json::object();  ///< {accountId, apiId, identity: {sourceIp ...}, requestId, stage ...}
    std::string body = {};                 ///< base64 if isBase64Encoded
    bool isBase64Encoded = false;          ///< true for a binary media type
    Json other = Json::object();           ///< all other members

    bool operator==(const Api_Gateway_Event&) const = default;
};

void from_json(const Json& json, Api_Gateway_Event& event);
void to_json(Json& json, const Api_Gateway_Event& event);

}  // namespace osbot_aws::events
