// What belongs to the function as a whole: how many may run at once, and its tags.
#include <fmt/format.h>

#include "engine/lambda/function_rules.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/validation.hpp"

namespace osbot_aws::engine {
namespace {

constexpr int account_concurrency = 1000, unreserved_concurrency_min = 100;

}  // namespace

Functions::Usage Functions::usage(const Account& account) const {
    Usage usage;
    usage.code_bytes = layers_.code_bytes(account);
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return usage;
    for (const auto& [name, record] : names->second) {
        ++usage.functions;
        usage.code_bytes += record.latest->code_size;
        usage.reserved_concurrency += record.latest->reserved_concurrency.value_or(0);
        for (const auto& [number, version] : record.versions) usage.code_bytes += version->code_size;
    }
    return usage;
}

Result<Functions::Record*> Functions::unqualified(const Account& account, std::string_view name) {
    std::string_view qualifier;
    if (const auto found = qualified(account, name, qualifier); !qualifier.empty()) {
        return invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
            "Please specify either a function name or an unqualified function ARN.");
    }
    return record(account, name);
}

Result<void> Functions::put_concurrency(const Account& account, std::string_view name, int reserved) {
    Validation checked;
    if (reserved < 0)
        checked.fault("reservedConcurrentExecutions", std::to_string(reserved),
                      "Member must have value greater than or equal to 0");
    if (auto error = checked.error()) return *error;
    const auto found = unqualified(account, name);
    if (!found) return found.error();
    Record& record = **found;
    const int others = usage(record.account).reserved_concurrency - record.latest->reserved_concurrency.value_or(0);
    if (account_concurrency - others - reserved < unreserved_concurrency_min) {
        return invalid(fmt::format(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            "below its minimum value of [{}].",
            unreserved_concurrency_min));
    }
    set_reserved_concurrency(record, reserved);
    return {};
}

// All versions share it.
void Functions::set_reserved_concurrency(Record& record, std::optional<int> reserved) {
    const auto with = [&](const Function_Ptr& function) {
        auto copy = std::make_shared<Function>(*function);
        copy->reserved_concurrency = reserved;
        return copy;
    };
    const bool same = record.serving == record.latest;
    record.latest = with(record.latest);
    if (record.serving) record.serving = same ? record.latest : with(record.serving);
    for (auto& [number, version] : record.versions) version = with(version);
    save(record);
    invocations_.retire(record.account, record.latest->name);  // pools are of a version as it was
}

Result<std::optional<int>> Functions::concurrency(const Account& account, std::string_view name) const {
    const auto found = record(account, name);
    if (!found) return found.error();
    return (*found)->latest->reserved_concurrency;
}

Result<void> Functions::delete_concurrency(const Account& account, std::string_view name) {
    const auto found = unqualified(account, name);
    if (!found) return found.error();
    set_reserved_concurrency(**found, std::nullopt);
    return {};
}

Result<std::map<std::string, std::string>> Functions::tags(const Account& account, std::string_view arn) const {
    const auto found = record(account, arn);
    if (!found) return found.error();
    return (*found)->latest->tags;
}

Result<void> Functions::tag(const Account& account, std::string_view arn,
                            const std::map<std::string, std::string>& added) {
    const auto found = record(account, arn);
    if (!found) return found.error();
    auto copy = std::make_shared<Function>(*(*found)->latest);
    for (const auto& [key, value] : added) copy->tags[key] = value;
    if ((*found)->serving == (*found)->latest) (*found)->serving = copy;
    (*found)->latest = copy;
    save(**found);
    return {};
}

Result<void> Functions::untag(const Account& account, std::string_view arn, const std::vector<std::string>& keys) {
    const auto found = record(account, arn);
    if (!found) return found.error();
    auto copy = std::make_shared<Function>(*(*found)->latest);
    for (const auto& key : keys) copy->tags.erase(key);
    if ((*found)->serving == (*found)->latest) (*found)->serving = copy;
    (*found)->latest = copy;
    save(**found);
    return {};
}

}  // namespace osbot_aws::engine
