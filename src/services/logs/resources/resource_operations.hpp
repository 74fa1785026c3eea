#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/logs/logs.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

Operations filter_operations(Logs& logs);  ///< metric filters and subscription filters
Operations log_policy_operations(Logs& logs);
Operations destination_operations(Logs& logs);
Operations delivery_operations(Logs& logs);
Operations query_definition_operations(Logs& logs);

// ---- what these operations share ----

/// Error of a new resource above AWS's limit.
Error log_limit_exceeded();
Error log_resource_not_found(std::string message);

/// Returns the members of the input with these names, without those that are missing.
Json members_of_input(const Call& call, std::initializer_list<const char*> names);

/// Returns a time in Unix milliseconds that is later than that of the existing version of a resource.
std::int64_t update_time_ms(Context& context, const Log_Resource* existing, const char* member);

/// How an operation pages.
struct Page_Members {
    const char* list;             ///< of the output
    const char* limit = "limit";  ///< of the input
    int limit_default = 50;
};
/// Returns a page of resources. The token is the name of the last one.
Json resource_page(const Call& call, const Page_Members& members, const std::vector<const Log_Resource*>& resources);

/// Returns the name of a group in a name or an ARN. The ARN of another account or Region stays as it is, so that it
/// finds no group.
std::string log_group_name(const Account& account, const std::string& identifier);
std::vector<std::string> log_group_names(const Account& account, std::vector<std::string> identifiers);

}  // namespace osbot_aws::services
