#include "services/logs/resources/log_resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "base/characters.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Log_Resource>& resource) {
    f(resource.account)("kind", resource.kind)("name", resource.name)("members", resource.members);
    f.optional("hidden", resource.hidden).optional("tags", resource.tags);
}

namespace {

/// Neither an account nor a region or a kind has a ':', so the names of a kind are a range of keys.
std::string key_of(const Account& account, std::string_view kind, std::string_view name) {
    return fmt::format("{}:{}:{}:{}", account.id, account.region, kind, name);
}

// The members that operations read, by their types: an archive that was imported may have any records.
constexpr std::string_view text_members[] = {"filterName",
                                             "logGroupName",
                                             "filterPattern",
                                             "destinationArn",
                                             "policyName",
                                             "policyDocument",
                                             "policyScope",
                                             "resourceArn",
                                             "revisionId",
                                             "name",
                                             "queryString",
                                             "queryLanguage",
                                             "arn",
                                             "service",
                                             "logType",
                                             "deliverySourceName",
                                             "deliveryDestinationArn",
                                             "deliveryDestinationType",
                                             "outputFormat",
                                             "taskId",
                                             "destination",
                                             "destinationPrefix",
                                             "id"};
constexpr std::string_view number_members[] = {
    "creationTime", "lastUpdatedTime", "lastUpdateTime", "lastModified", "from", "to"};

constexpr std::string_view hidden_text_members[] = {"token", "deliveryDestinationPolicy", "logStreamNamePrefix"};
constexpr std::string_view status_text_members[] = {"code"};
constexpr std::string_view transformation_text_members[] = {"metricName", "metricNamespace"};
constexpr std::string_view object_members[] = {"status", "s3DeliveryConfiguration"};

bool is_text_member(const Json& value) { return value.is_string(); }
bool is_integer_member(const Json& value) { return value.is_number_integer(); }
bool is_object_member(const Json& value) { return value.is_object(); }

bool have_type(const Json& members, std::span<const std::string_view> names, bool (*is_type)(const Json&)) {
    return std::ranges::all_of(names, [&](std::string_view name) {
        const auto found = members.find(name);
        return found == members.end() || is_type(*found);
    });
}

bool have_text_members(const Json& transformations) {
    return transformations.is_array() &&
           std::all_of(transformations.begin(), transformations.end(), [](const Json& each) {
               return each.is_object() && have_type(each, transformation_text_members, &is_text_member);
           });
}

/// Throws for a record whose members do not have the types that operations expect.
void check_members(const Log_Resource& resource) {
    const Json& members = resource.members;
    const bool are_known = members.is_object() && resource.hidden.is_object() &&
                           have_type(members, text_members, &is_text_member) &&
                           have_type(members, number_members, &is_integer_member) &&
                           have_type(members, object_members, &is_object_member) &&
                           have_type(resource.hidden, hidden_text_members, &is_text_member) &&
                           have_type(members.value("status", Json::object()), status_text_members, &is_text_member) &&
                           have_text_members(members.value("metricTransformations", Json::array()));
    if (!are_known) throw std::invalid_argument("a member has an unexpected type");
}

}  // namespace

std::string log_resource_arn(const Account& account, std::string_view kind, std::string_view name) {
    return account.arn("logs", fmt::format("{}:{}", kind, name));
}

Log_Resources::Log_Resources(Context& context) : records_(context.store, {.name = "log_resource"}) {}

void Log_Resources::load() {
    clear();
    records_.load([this](const std::string& key, Log_Resource resource) {
        check_members(resource);
        all_[key] = std::move(resource);
    });
}

const Log_Resource* Log_Resources::find(const Account& account, std::string_view kind, std::string_view name) const {
    const auto found = all_.find(key_of(account, kind, name));
    return found == all_.end() ? nullptr : &found->second;
}

const Log_Resource* Log_Resources::find_arn(const Account& account, std::string_view arn) const {
    const std::string prefix = log_resource_arn(account, "", "");  // ends with two colons
    if (!base::take_prefix(arn, std::string_view(prefix).substr(0, prefix.size() - 1))) return nullptr;
    const std::string_view kind = base::take_until(arn, ':');
    return find(account, kind, arn);
}

std::vector<const Log_Resource*> Log_Resources::list(const Account& account, std::string_view kind,
                                                     std::string_view prefix) const {
    std::vector<const Log_Resource*> found;
    const std::string start = key_of(account, kind, prefix);
    for (auto each = all_.lower_bound(start); each != all_.end() && each->first.starts_with(start); ++each)
        found.push_back(&each->second);
    return found;
}

void Log_Resources::put(Log_Resource resource) {
    std::string key = key_of(resource.account, resource.kind, resource.name);
    records_.put(key, resource);
    all_.insert_or_assign(std::move(key), std::move(resource));
}

bool Log_Resources::erase(const Account& account, std::string_view kind, std::string_view name) {
    const auto found = all_.find(key_of(account, kind, name));
    if (found == all_.end()) return false;
    records_.erase(found->first);
    all_.erase(found);
    return true;
}

void Log_Resources::erase_group(const Account& account, const std::string& group) {
    using namespace log_kinds;
    for (const auto& kind : {metric_filter, subscription_filter})
        for (const Log_Resource* filter : list(account, kind, group + ":"))
            erase(account, kind, std::string(filter->name));
    for (const auto& kind : {data_protection_policy, index_policy}) erase(account, kind, group);
}

}  // namespace osbot_aws::services
