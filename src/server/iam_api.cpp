#include "server/iam_api.hpp"

#include "base/random.hpp"
#include "server/iam_operations.hpp"
#include "server/protocol_error.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::server {
namespace {

Iam_Operation find_operation(const std::string& action) {
    for (const auto* operations : {&iam_role_operations(), &iam_policy_operations(), &iam_account_operations()}) {
        if (const auto found = operations->find(action); found != operations->end()) return found->second;
    }
    return nullptr;
}

}  // namespace

void show_iam_tags(pugi::xml_node parent, const engine::Tags& tags) {
    auto list = parent.append_child("Tags");
    for (const auto& [key, value] : tags) {
        auto member = list.append_child("member");
        wire::add_element(member, "Key", key);
        wire::add_element(member, "Value", value);
    }
}

Result<void> show_iam_tag_page(const wire::Query_Request& query, pugi::xml_node result, const engine::Tags& tags) {
    auto by_key = tags;
    std::ranges::sort(by_key);
    return show_iam_page(
        query, result, "Tags", by_key, [](const auto& tag) { return tag.first; },
        [](pugi::xml_node at, const auto& tag) {
            wire::add_element(at, "Key", tag.first);
            wire::add_element(at, "Value", tag.second);
        });
}

Result<std::size_t> iam_page_size(const wire::Query_Request& query) {
    constexpr int max = 1000, default_value = 100;
    const auto size = iam_number(query, "MaxItems", default_value);
    if (!size) return size.error();
    if (1 <= *size && *size <= max) return static_cast<std::size_t>(*size);
    return engine::unsatisfied_iam(query.text("MaxItems"), "maxItems",
                                   *size < 1 ? "Member must have value greater than or equal to 1"
                                             : "Member must have value less than or equal to 1000");
}

Result<int> iam_number(const wire::Query_Request& query, const char* name, int default_value) {
    const auto text = query.text(name);
    if (text.empty()) return default_value;
    if (const auto number = base::parse_number<int>(text)) return *number;
    return Error{"MalformedInput", std::string(name) + " is not a number", 400};
}

void Iam_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    const wire::Query_Request query{request};
    const auto operation = find_operation(query.action());
    if (operation == nullptr) {
        return reply(wire::query_error(wire::not_implemented("IAM", query.action()), request_id, xmlns));
    }
    wire::Query_Response response{query.action(), xmlns};
    const auto outcome = operation(iam_, account, query, response.result());
    if (!outcome) return reply(wire::query_error(error_of_service("iam", outcome.error()), request_id, xmlns));
    // Clients expect an empty result element for UpdateRole (botocore, iam/2010-05-08/service-2.json).
    const bool has_result = !response.result().first_child().empty() || query.action() == "UpdateRole";
    reply(response.response(request_id, has_result));
}

}  // namespace osbot_aws::server
