#include "wire/query.hpp"

#include <fmt/format.h>

namespace osbot_aws::wire {

Query_Request::Query_Request(const Request& request) {
    for (const std::string_view form : {std::string_view(request.body.bytes), request.query()})
        for (auto& [name, value] : parse_query(form)) fields_.try_emplace(std::move(name), std::move(value));
}

const std::string* Query_Request::find(const std::string& name) const {
    const auto field = fields_.find(name);
    return field == fields_.end() ? nullptr : &field->second;
}

std::string Query_Request::text(const std::string& name) const {
    const std::string* value = find(name);
    return value != nullptr ? *value : "";
}

std::vector<std::string> Query_Request::texts(std::string_view name) const {
    std::vector<std::string> found;
    while (const std::string* value = find(fmt::format("{}.member.{}", name, found.size() + 1)))
        found.push_back(*value);
    return found;
}

std::vector<std::pair<std::string, std::string>> Query_Request::pairs(std::string_view name) const {
    std::vector<std::pair<std::string, std::string>> found;
    for (;;) {
        const std::string member = fmt::format("{}.member.{}", name, found.size() + 1);
        const std::string* key = find(member + ".Key");
        if (key == nullptr) return found;
        found.emplace_back(*key, text(member + ".Value"));
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
