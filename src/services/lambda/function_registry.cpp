#include "services/lambda/function_registry.hpp"

#include <fmt/format.h>

#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the version that this invoke of an alias runs. A qualifier that is not an alias is returned unchanged.
std::string_view route(const Function_Record& record, std::string_view qualifier) {
    const auto alias = record.aliases.find(qualifier);
    if (alias == record.aliases.end()) return qualifier;
    for (const auto& [version, weight] : alias->second.weights) {
        if (base::random_fraction() < weight) return version;
    }
    return alias->second.version;
}

/// The position of a version in a list: its name and its number, 0 for $LATEST.
using Position = std::pair<std::string_view, std::int64_t>;

/// A marker is the last function of the previous page: its name, and its version if versions are listed.
Position position_of(std::string_view marker) {
    const auto colon = marker.find(':');
    if (colon == std::string_view::npos) return {marker, 0};
    return {marker.substr(0, colon), parse_version_number(marker.substr(colon + 1)).value_or(0)};
}

/// The message is AWS's description of the error: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
Error snapshot_not_ready() {
    return {"SnapStartNotReadyException",
            "Lambda is initializing your function. You can invoke the function when the function state becomes Active.",
            409};
}

}  // namespace

Account account_of(const Account& caller, const wire::Function_Name& name) {
    return {name.account_id.empty() ? caller.id : std::string(name.account_id), caller.region};
}

std::string qualified_arn(const Function& function, std::string_view qualifier) {
    return qualifier.empty() ? function.arn : fmt::format("{}:{}", function.arn, qualifier);
}

void Function_Registry::load() {
    clear();
    records_.load([this](const std::string&, Function_Record record) {
        accounts_[record.account].insert_or_assign(record.latest->name, std::move(record));
    });
}

std::size_t Function_Registry::count() const {
    std::size_t functions = 0;
    for (const auto& [account, names] : accounts_) functions += names.size();
    return functions;
}

const Function_Record* Function_Registry::find_name(const Account& account, std::string_view name) const {
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return nullptr;
    const auto found = names->second.find(name);
    return found == names->second.end() ? nullptr : &found->second;
}

Result<const Function_Record*> Function_Registry::record(const Account& account, std::string_view text,
                                                         std::string_view* qualifier, Missing missing) const {
    std::string_view unused;
    std::string_view& requested = qualifier == nullptr ? unused : *qualifier;
    OSBOT_TRY(const auto name, wire::parse_function_name(text));
    if (!name.qualifier.empty()) {
        if (!requested.empty() && requested != name.qualifier) {
            return invalid("The derived qualifier from the function name does not match the specified qualifier.");
        }
        requested = name.qualifier;
    }
    if (!name.region.empty() && name.region != account.region) return other_region(name.region, account);
    const Function_Record* found = name.account_id.empty() || name.account_id == account.id
                                       ? find_name(account, name.name)
                                       : find_name(account_of(account, name), name.name);
    if (!found) return missing(account_of(account, name), name.name, requested);
    return found;
}

Result<Function_Record*> Function_Registry::record(const Account& account, std::string_view name,
                                                   std::string_view* qualifier, Missing missing) {
    OSBOT_TRY(auto found, std::as_const(*this).record(account, name, qualifier, missing));
    return const_cast<Function_Record*>(found);  // safe: the record is a member of this non-const object
}

Result<Function_Record*> Function_Registry::unqualified(const Account& account, std::string_view name,
                                                        Missing missing) {
    std::string_view qualifier;
    const auto found = record(account, name, &qualifier, missing);
    if (qualifier.empty()) return found;
    return invalid(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN.");
}

Result<Function_Ptr> Function_Registry::version(const Function_Record& record, std::string_view qualifier) {
    if (qualifier.empty() || qualifier == "$LATEST") return record.latest;
    if (const auto number = parse_version_number(qualifier)) {
        if (const auto found = record.versions.find(*number); found != record.versions.end()) return found->second;
    }
    if (const auto alias = record.aliases.find(qualifier); alias != record.aliases.end())
        return version(record, alias->second.version);
    return not_found(record.account, record.latest->name, qualifier);
}

Result<Function_Ptr> Function_Registry::find(const Account& account, std::string_view name,
                                             std::string_view qualifier) const {
    OSBOT_TRY(const auto found, record(account, name, &qualifier));
    return version(*found, qualifier);
}

Result<Invocable> Function_Registry::invocable(const Account& account, std::string_view name,
                                               std::string_view qualifier) const {
    // Recorded: lambda_/test_lambda.snapshot.json, test_invoke_exceptions
    OSBOT_TRY(const auto found, record(account, name, &qualifier, &latest_not_found));
    const Function_Record& record = *found;
    Function_Ptr function = record.serving;
    const Function* requested = record.latest.get();
    if (!qualifier.empty() && qualifier != "$LATEST") {
        OSBOT_TRY(const auto routed, version(record, route(record, qualifier)));
        requested = routed.get();
        if (requested->state == "Pending" && requested->snap_starts()) return snapshot_not_ready();
        if (routed != record.latest) function = routed;
        if (function && function->state != "Active") function = nullptr;
    }
    if (!function) {
        return conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: " +
            requested->state);
    }
    return Invocable{std::move(function), qualifier};
}

Function_Page Function_Registry::list(const Account& account, std::string_view marker,
                                      std::optional<std::int64_t> items_max, bool all_versions) const {
    const std::size_t size = page_size(items_max);
    Function_Page page;
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return page;
    const Position after = position_of(marker);
    const auto add = [&](const Function_Ptr& function, std::int64_t number) {
        if (!marker.empty() && Position{function->name, number} <= after) return true;
        if (page.functions.size() == size) {
            const Function& last = *page.functions.back();
            page.next_marker = last.version == "$LATEST" ? last.name : last.name + ":" + last.version;
            return false;
        }
        page.functions.push_back(function);
        return true;
    };
    for (auto at = names->second.lower_bound(after.first); at != names->second.end(); ++at) {
        if (!add(at->second.latest, 0)) return page;
        if (!all_versions) continue;
        for (const auto& [number, version] : at->second.versions) {
            if (!add(version, number)) return page;
        }
    }
    return page;
}

Function_Record& Function_Registry::add(Function_Ptr latest) {
    Function_Record& added = accounts_[latest->account][latest->name];
    added.account = latest->account;
    added.latest = std::move(latest);
    return added;
}

void Function_Registry::save(const Function_Record& record) {
    records_.put(record_key(record.account, record.latest->name), record);
    saved_(record);
}

void Function_Registry::erase(const Function_Record& record) {
    records_.erase(record_key(record.account, record.latest->name));
    Names& names = accounts_.at(record.account);
    names.erase(names.find(record.latest->name));
}

}  // namespace osbot_aws::services
