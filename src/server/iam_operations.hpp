#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "base/numbers.hpp"
#include "engine/iam/iam.hpp"
#include "wire/query.hpp"

namespace osbot_aws::server {

/// One action of IAM: adds what it answers to `result`; nothing is an answer without a result element.
using Iam_Operation = Result<void> (*)(engine::Iam& iam, const engine::Account& account,
                                       const wire::Query_Request& query, pugi::xml_node result);
using Iam_Operations = std::map<std::string, Iam_Operation, std::less<>>;

const Iam_Operations& iam_role_operations();
const Iam_Operations& iam_policy_operations();
/// What is asked of an account as a whole, and what it has none of.
const Iam_Operations& iam_account_operations();

void show_iam_tags(pugi::xml_node parent, const engine::Tags& tags);
/// <Tags>, IsTruncated and Marker.
Result<void> show_iam_tag_page(const wire::Query_Request& query, pugi::xml_node result, const engine::Tags& tags);

/// Errors: ValidationError.
Result<std::size_t> iam_page_size(const wire::Query_Request& query);
/// A number that must be one. Errors: MalformedInput.
Result<int> iam_number(const wire::Query_Request& query, const char* name, int otherwise);

/// Adds the items past Marker, MaxItems of them. A marker is the name of the last item shown; items are in the order of
/// their names, so that one which has gone meanwhile leaves its place.
template <class Items, class Name, class Show>
Result<void> show_iam_page(const wire::Query_Request& query, pugi::xml_node result, const char* list_name,
                           const Items& items, Name name, Show show_one) {
    const auto max = iam_page_size(query);
    if (!max) return max.error();
    const auto marker = query.text("Marker");
    auto next = std::find_if(items.begin(), items.end(), [&](const auto& item) { return name(item) > marker; });
    auto list = result.append_child(list_name);
    std::string last;
    for (std::size_t count = 0; next != items.end() && count < *max; ++next, ++count) {
        show_one(list.append_child("member"), *next);
        last = name(*next);
    }
    wire::add_element(result, "IsTruncated", next != items.end());
    if (next != items.end()) wire::add_element(result, "Marker", last);
    return {};
}

}  // namespace osbot_aws::server
