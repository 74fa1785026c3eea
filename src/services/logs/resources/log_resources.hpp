#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "services/logs/log_rules.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// The kinds of resources, as their ARNs have them: arn:aws:logs:REGION:ACCOUNT:destination:NAME.
namespace log_kinds {
inline constexpr std::string_view metric_filter = "metric-filter";              // GROUP:NAME
inline constexpr std::string_view subscription_filter = "subscription-filter";  // GROUP:NAME
inline constexpr std::string_view resource_policy = "resource-policy";
inline constexpr std::string_view account_policy = "account-policy";                  // TYPE:NAME
inline constexpr std::string_view data_protection_policy = "data-protection-policy";  // GROUP
inline constexpr std::string_view index_policy = "index-policy";                      // GROUP
inline constexpr std::string_view query_definition = "query-definition";
inline constexpr std::string_view destination = "destination";
inline constexpr std::string_view delivery_source = "delivery-source";
inline constexpr std::string_view delivery_destination = "delivery-destination";
inline constexpr std::string_view delivery = "delivery";
inline constexpr std::string_view export_task = "export-task";
}  // namespace log_kinds

/// A resource beside the groups and streams, such as a metric filter.
struct Log_Resource {
    Account account;
    std::string kind, name;
    Json members = Json::object();  ///< of AWS's structure, as an operation returns them
    Json hidden = Json::object();   ///< members that no operation returns
    Log_Tags tags = {};
};

/// The resources of all accounts. Loop thread only. Pointers are valid until the next change.
class Log_Resources {
public:
    explicit Log_Resources(Context& context);

    void load();
    void clear() { all_.clear(); }

    const Log_Resource* find(const Account& account, std::string_view kind, std::string_view name) const;
    /// Returns the resource with an ARN; nullptr if it does not exist or is of another account or region.
    const Log_Resource* find_arn(const Account& account, std::string_view arn) const;
    /// Returns the resources whose name starts with `prefix`, by name.
    std::vector<const Log_Resource*> list(const Account& account, std::string_view kind,
                                          std::string_view prefix = {}) const;
    /// Calls `visit` with the resources of a kind of all accounts.
    template <class Visit>
    void for_each(std::string_view kind, Visit visit) const {
        for (const auto& [key, resource] : all_)
            if (resource.kind == kind) visit(resource);
    }

    /// Adds or replaces a resource.
    void put(Log_Resource resource);
    /// Returns false if it does not exist.
    bool erase(const Account& account, std::string_view kind, std::string_view name);
    /// Erases what belongs to a log group.
    void erase_group(const Account& account, const std::string& group);

private:
    store::Records<Log_Resource> records_;
    std::map<std::string, Log_Resource, std::less<>> all_;  ///< by the key of the record
};

/// arn:aws:logs:REGION:ACCOUNT:KIND:NAME
std::string log_resource_arn(const Account& account, std::string_view kind, std::string_view name);

}  // namespace osbot_aws::services
