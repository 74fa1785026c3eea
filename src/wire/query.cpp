#include "wire/query.hpp"

#include <fmt/format.h>

namespace osbot_aws::wire {

Query_Request::Query_Request(const Request& request) : fields_(parse_query(request.body.bytes)) {
    for (auto& field : parse_query(request.query())) fields_.push_back(std::move(field));
}

std::string Query_Request::text(std::string_view name) const { return query_value(fields_, name).value_or(""); }

std::vector<std::string> Query_Request::texts(std::string_view name) const {
    std::vector<std::string> found;
    for (int i = 1;; ++i) {
        auto value = query_value(fields_, fmt::format("{}.member.{}", name, i));
        if (!value) return found;
        found.push_back(std::move(*value));
    }
}

std::vector<std::pair<std::string, std::string>> Query_Request::pairs(std::string_view name) const {
    std::vector<std::pair<std::string, std::string>> found;
    for (int i = 1;; ++i) {
        const auto key = query_value(fields_, fmt::format("{}.member.{}.Key", name, i));
        if (!key) return found;
        found.emplace_back(*key, text(fmt::format("{}.member.{}.Value", name, i)));
    }
}

Query_Response::Query_Response(const std::string& action, std::string_view xmlns)
    : root_(add_root(document_, (action + "Response").c_str(), xmlns)),
      result_(root_.append_child((action + "Result").c_str())) {}

Response Query_Response::response(std::string_view request_id, bool with_result) {
    if (!with_result) root_.remove_child(result_);
    add_element(root_.append_child("ResponseMetadata"), "RequestId", request_id);
    Response response;
    response.headers = {{"Content-Type", "text/xml"}, {"x-amzn-RequestId", std::string(request_id)}};
    response.body.bytes = xml_text(document_);
    return response;
}

}  // namespace osbot_aws::wire
