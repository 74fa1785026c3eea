#include "services/logs/resources/log_resources.hpp"

#include <fmt/format.h>

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

}  // namespace

std::string log_resource_arn(const Account& account, std::string_view kind, std::string_view name) {
    return fmt::format("arn:aws:logs:{}:{}:{}:{}", account.region, account.id, kind, name);
}

Log_Resources::Log_Resources(Context& context) : records_(context.store, {.name = "log_resource"}) {}

void Log_Resources::load() {
    clear();
    records_.load([this](const std::string& key, Log_Resource resource) { all_[key] = std::move(resource); });
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
