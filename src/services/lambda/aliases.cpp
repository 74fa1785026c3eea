// Aliases and weighted routing: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
// The error messages are copied from localstack's lambda_/provider.py; they were not compared with AWS's own responses.
#include "services/lambda/aliases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/provisioned_concurrency.hpp"

namespace osbot_aws::services {
namespace {

Error alias_not_found(std::string_view message, const Function& function, std::string_view name) {
    return {"ResourceNotFoundException", fmt::format("{}: {}", message, qualified_arn(function, name)), 404};
}

// The checks run in the same order as on AWS.
std::optional<Error> check_alias(const Function_Record& record, const Alias& alias) {
    OSBOT_TRY(Function_Registry::version(record, alias.version));
    if (alias.weights.size() > 1) {
        return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
    }
    for (const auto& [version, weight] : alias.weights) {
        if (version == alias.version) {
            return invalid(
                fmt::format("Invalid function version {0}. Function version {0} is already included in "
                            "routing configuration.",
                            version));
        }
        if (alias.version == "$LATEST")
            return invalid("$LATEST is not supported for an alias pointing to more than 1 version");
        OSBOT_TRY(Function_Registry::version(record, version));
    }
    return std::nullopt;
}

}  // namespace

Result<Alias> Aliases::create(const Account& account, const Alias_Change& request) {
    OSBOT_TRY(auto* record, registry_.record(account, request.function_name));
    const Alias alias{.name = request.name,
                      .version = request.version.value(),
                      .description = request.description.value_or(""),
                      .weights = request.weights.value_or(std::map<std::string, double>{}),
                      .revision_id = base::uuid4()};
    OSBOT_TRY(Function_Registry::version(*record, alias.version));
    if (record->aliases.contains(alias.name))
        return conflict("Alias already exists: " + qualified_arn(*record->latest, alias.name));
    if (auto error = check_alias(*record, alias)) return *error;
    record->aliases.emplace(alias.name, alias);
    registry_.save(*record);
    return alias;
}

Result<Alias> Aliases::find(const Account& account, std::string_view function_name, std::string_view name) const {
    OSBOT_TRY(auto* found, registry_.record(account, function_name));
    const auto found_alias = found->aliases.find(name);
    if (found_alias == found->aliases.end()) return alias_not_found("Cannot find alias arn", *found->latest, name);
    return found_alias->second;
}

Result<Alias> Aliases::update(const Account& account, const Alias_Change& request) {
    OSBOT_TRY(auto* record, registry_.record(account, request.function_name));
    const auto found_alias = record->aliases.find(request.name);
    if (found_alias == record->aliases.end()) return alias_not_found("Alias not found", *record->latest, request.name);
    if (!request.revision_id.empty() && request.revision_id != found_alias->second.revision_id)
        return revision_mismatch();

    Alias changed = found_alias->second;
    if (request.version) changed.version = *request.version;
    if (request.description) changed.description = *request.description;
    if (request.weights) changed.weights = *request.weights;
    if (auto error = check_alias(*record, changed)) return *error;
    changed.revision_id = base::uuid4();
    if (const auto provisioned = record->provisioned.find(request.name);
        provisioned != record->provisioned.end() && changed.version != found_alias->second.version) {
        if (auto error = check_provisioned_alias(*record, changed.version)) return *error;
        provisioned->second.previous_version = found_alias->second.version;
    }
    found_alias->second = changed;
    registry_.save(*record);
    return changed;
}

Result<void> Aliases::remove(const Account& account, std::string_view function_name, std::string_view name) {
    OSBOT_TRY(auto* record, registry_.record(account, function_name));
    const auto found_alias = record->aliases.find(name);
    if (found_alias == record->aliases.end()) return {};
    urls_.erase_qualifier(*record, found_alias->first);
    record->aliases.erase(found_alias);
    registry_.save(*record);
    return {};
}

Result<Alias_Page> Aliases::list(const Account& account, std::string_view function_name, std::string_view version,
                                 std::string_view marker, std::optional<std::int64_t> items_max) const {
    const std::size_t size = page_size(items_max);
    OSBOT_TRY(auto* found, registry_.record(account, function_name));
    const auto& all = found->aliases;
    Alias_Page page;
    for (auto at = marker.empty() ? all.begin() : all.upper_bound(marker); at != all.end(); ++at) {
        if (!version.empty() && at->second.version != version && !at->second.weights.contains(std::string(version)))
            continue;
        if (page.aliases.size() == size) {
            page.next_marker = page.aliases.back().name;
            break;
        }
        page.aliases.push_back(at->second);
    }
    return page;
}

}  // namespace osbot_aws::services
