#include "wire/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::wire {
namespace {

// Lambda spells the member `Message` in these shapes and `message` in all others (botocore,
// lambda/2015-03-31/service-2.json).
constexpr std::array capital_message{"ResourceNotFoundException", "ServiceException",
                                     "ResourceInUseException",    "InvalidZipFileException",
                                     "InvalidRuntimeException",   "InvalidSecurityGroupIDException",
                                     "InvalidSubnetIDException",  "SubnetIPAddressLimitReachedException",
                                     "ENILimitReachedException",  "EC2AccessDeniedException",
                                     "EC2ThrottledException",     "EC2UnexpectedException",
                                     "KMSAccessDeniedException",  "KMSDisabledException",
                                     "KMSInvalidStateException",  "KMSNotFoundException",
                                     "AccessDeniedException",     "CodeSigningConfigNotFoundException"};

bool by_service(const Error& error) { return error.http_status >= 500; }

// A message may quote invalid UTF-8 of a request, which must not cause an exception.
Response response_to(const Error& error, std::string_view request_id, std::string type, std::string body) {
    return {error.http_status,
            {{"Content-Type", std::move(type)}, {"x-amzn-RequestId", std::string(request_id)}},
            std::move(body)};
}

Response aws_json_error(const Error& cause, std::string_view request_id, std::string type) {
    const Error error = with_http_status(cause);
    return response_to(error, request_id, std::move(type),
                       base::dump_json_lossy({{"__type", error.code}, {"message", error.message}}));
}

}  // namespace

Error with_http_status(const Error& error) {
    return error.http_status != 0 ? error : Error{"ServiceException", error.message, 500};
}

Response rest_json_error(const Error& cause, std::string_view request_id) {
    const Error error = with_http_status(cause);
    const bool capital = std::ranges::find(capital_message, error.code) != capital_message.end();
    const Json message = error.message.empty() ? Json() : Json(error.message);
    const Json body{{"Type", by_service(error) ? "Service" : "User"}, {capital ? "Message" : "message", message}};
    auto response = response_to(error, request_id, "application/json", base::dump_json_lossy(body));
    response.headers.set("x-amzn-ErrorType", error.code);
    return response;
}

Response rest_xml_error(const Error& cause, std::string_view request_id,
                        const std::vector<std::pair<std::string, std::string>>& details) {
    const Error error = with_http_status(cause);
    pugi::xml_document document;
    auto root = document.append_child("Error");
    add_element(root, "Code", error.code);
    add_element(root, "Message", error.message);
    for (const auto& [name, value] : details) add_element(root, name.c_str(), value);
    add_element(root, "RequestId", request_id);
    add_element(root, "HostId", request_id);

    return {error.http_status,
            {{"Content-Type", "application/xml"},
             {"x-amz-request-id", std::string(request_id)},
             {"x-amz-id-2", std::string(request_id)}},
            xml_text(document)};
}

Response query_error(const Error& cause, std::string_view request_id, std::string_view xmlns, Has_Detail has_detail) {
    const Error error = with_http_status(cause);
    pugi::xml_document document;
    auto root = add_root(document, "ErrorResponse", xmlns);
    auto inner = root.append_child("Error");
    add_element(inner, "Type", by_service(error) ? "Receiver" : "Sender");
    add_element(inner, "Code", error.code);
    add_element(inner, "Message", error.message);
    if (has_detail == Has_Detail::yes) inner.append_child("Detail");
    add_element(root, "RequestId", request_id);
    return response_to(error, request_id, "text/xml", xml_text(document));
}

Response json11_error(const Error& error, std::string_view request_id) {
    return aws_json_error(error, request_id, "application/x-amz-json-1.1");
}

Response json10_error(const Error& error, std::string_view request_id) {
    return aws_json_error(error, request_id, "application/x-amz-json-1.0");
}

// Operations that are not listed in README.md fail with this error; they never pretend to succeed.
Error not_implemented(std::string_view service, std::string_view operation) {
    return {"NotImplemented", fmt::format("{} {} is not implemented by this local engine", service, operation), 501};
}

}  // namespace osbot_aws::wire
