#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// requestContext.http of a Function_Url_Event.
struct Http_Description {
    std::string method = {};      ///< GET, POST ...
    std::string path = {};        ///< the path
    std::string protocol = {};    ///< HTTP/1.1
    std::string sourceIp = {};    ///< address of the caller
    std::string userAgent = {};   ///< the User-Agent header
    Json other = Json::object();  ///< all other members

    bool operator==(const Http_Description&) const = default;
};

/// requestContext of a Function_Url_Event.
struct Http_Request_Context {
    std::string accountId = {};     ///< owner of the function; `anonymous` for a public URL
    std::string apiId = {};         ///< id of the URL or API
    std::string domainName = {};    ///< host name of the request
    std::string domainPrefix = {};  ///< first label of domainName
    Http_Description http = {};     ///< method, path and caller
    std::string requestId = {};     ///< id of the request
    std::string routeKey = {};      ///< $default for a function URL
    std::string stage = {};         ///< $default for a function URL
    std::string time = {};          ///< e.g. 12/Mar/2020:19:03:58 +0000
    std::int64_t timeEpoch = 0;     ///< milliseconds since 1970
    Json authorizer = nullptr;      ///< IAM, JWT or Lambda authorizer; null: none
    Json authentication = nullptr;  ///< client certificate; null: none
    Json other = Json::object();    ///< all other members

    bool operator==(const Http_Request_Context&) const = default;
};

/// A request to a function URL, or to an HTTP API with payload format 2.0. Http_Request decodes it.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
struct Function_Url_Event {
    std::string version = {};                                       ///< 2.0
    std::string routeKey = {};                                      ///< $default, or the route of the HTTP API
    std::string rawPath = {};                                       ///< the path, with the stage of an HTTP API
    std::string rawQueryString = {};                                ///< encoded
    std::vector<std::string> cookies = {};                          ///< name=value of each cookie
    std::map<std::string, std::string> headers = {};                ///< names in lower case; values joined with `,`
    std::map<std::string, std::string> queryStringParameters = {};  ///< decoded; values joined with `,`
    std::map<std::string, std::string> pathParameters = {};         ///< of an HTTP API
    std::map<std::string, std::string> stageVariables = {};         ///< of an HTTP API
    Http_Request_Context requestContext = {};                       ///< about the request
    std::string body = {};                                          ///< base64 if isBase64Encoded
    bool isBase64Encoded = false;                                   ///< true for a body that is not text
    Json other = Json::object();                                    ///< all other members

    bool operator==(const Function_Url_Event&) const = default;
};

/// HTTP APIs of API Gateway send the same event.
using Api_Gateway_V2_Event = Function_Url_Event;

void from_json(const Json& json, Http_Description& http);
void to_json(Json& json, const Http_Description& http);
void from_json(const Json& json, Http_Request_Context& context);
void to_json(Json& json, const Http_Request_Context& context);
void from_json(const Json& json, Function_Url_Event& event);
void to_json(Json& json, const Function_Url_Event& event);

}  // namespace osbot_aws::events
