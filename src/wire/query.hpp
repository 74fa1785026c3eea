#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wire/http.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::wire {

/// A request of the Query protocol (IAM, STS): the parameters of the form in its body or of its query string.
/// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
class Query_Request {
public:
    explicit Query_Request(const Request& request);

    std::string action() const { return text("Action"); }
    std::string text(const std::string& name) const;  ///< "" if it is missing
    bool has(const std::string& name) const { return find(name) != nullptr; }
    /// Returns the values of `name`.member.N, in order.
    std::vector<std::string> texts(std::string_view name) const;
    /// Returns the values of `name`.member.N.Key and `name`.member.N.Value, in order.
    std::vector<std::pair<std::string, std::string>> pairs(std::string_view name) const;

private:
    const std::string* find(const std::string& name) const;

    std::unordered_map<std::string, std::string> fields_;  ///< the first value of each name
};

/// Builds a response: <ActionResponse><ActionResult>...</ActionResult><ResponseMetadata>.
class Query_Response {
public:
    Query_Response(const std::string& action, std::string_view xmlns);
    pugi::xml_node result() { return result_; }
    Response response(std::string_view request_id, bool with_result = true);

private:
    pugi::xml_document document_;
    pugi::xml_node root_, result_;
};

}  // namespace osbot_aws::wire
