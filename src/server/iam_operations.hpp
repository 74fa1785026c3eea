#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "base/numbers.hpp"
#include "engine/iam/iam.hpp"
#include "wire/query.hpp"

namespace osbot_aws::server {

/// An action of IAM, which adds its response to `result`. Actions that add nothing have no result element.
using Iam_Operation = Result<void> (*)(engine::Iam& iam, const engine::Account& account,
                                       const wire::Query_Request& query, pugi::xml_node result);
using Iam_Operations = std::map<std::string, Iam_Operation, std::less<>>;

const Iam_Operations& iam_role_operations();
const Iam_Operations& iam_policy_operations();
/// The actions about the account, and about entities that do not exist here, such as instance profiles.
const Iam_Operations& iam_account_operations();

void show_iam_tags(pugi::xml_node parent, const engine::Tags& tags);
/// Adds <Tags>, IsTruncated and Marker.
Result<void> show_iam_tag_page(const wire::Query_Request& query, pugi::xml_node result, const engine::Tags& tags);

/// Returns MaxItems. Errors: ValidationError.
Result<std::size_t> iam_page_size(const wire::Query_Request& query);
/// Returns a numeric parameter, or `default_value` if it is missing. Errors: MalformedInput.
Result<int> iam_number(const wire::Query_Request& query, const char* name, int default_value);

/// Adds up to MaxItems items after Marker, the name of the last item of the previous page. Items are in the order of
/// their names, so the marker stays valid if its item is deleted.
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
