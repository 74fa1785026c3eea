#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::wire {

/// A request of the Query protocol (IAM, STS): the form in its body, or its query string.
/// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
class Query_Request {
public:
    explicit Query_Request(const Request& request);

    std::string action() const { return text("Action"); }
    std::string text(std::string_view name) const;  ///< "" when it is not there
    bool has(std::string_view name) const { return query_value(fields_, name).has_value(); }
    /// `name`.member.N, in order.
    std::vector<std::string> texts(std::string_view name) const;
    /// `name`.member.N.Key and `name`.member.N.Value, in order.
    std::vector<std::pair<std::string, std::string>> pairs(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// An answer being made: <ActionResponse><ActionResult>...</ActionResult><ResponseMetadata>.
class Query_Answer {
public:
    Query_Answer(const std::string& action, std::string_view name_space);
    pugi::xml_node result() { return result_; }
    Response response(std::string_view request_id, bool with_result = true);

private:
    pugi::xml_document document_;
    pugi::xml_node root_, result_;
};

}  // namespace osbot_aws::wire
