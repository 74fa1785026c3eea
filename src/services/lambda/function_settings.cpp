#include "services/lambda/function_settings.hpp"

#include <fmt/format.h>

namespace osbot_aws::services {

Function_Settings::Usage Function_Settings::usage(const Account& account) const {
    Usage usage{.code_bytes = layers_.code_bytes(account), .concurrency_max = concurrency_max_};
    registry_.for_each([&](const Function_Record& record) {
        if (record.account != account) return;
        ++usage.functions;
        usage.code_bytes += record.latest->code_size;
        usage.reserved_concurrency += reservation_of(record);
        for (const auto& [number, version] : record.versions) usage.code_bytes += version->code_size;
    });
    return usage;
}

int reservation_of(const Function_Record& record) {
    return record.latest->reserved_concurrency.value_or(record.provisioned_concurrency());
}

Result<void> Function_Settings::put_concurrency(const Account& account, std::string_view name, int reserved) {
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_function_concurrency_exceptions
    OSBOT_TRY(auto* record, registry_.unqualified(account, name, &latest_not_found));
    const Usage used = usage(record->account);
    const int others = used.reserved_concurrency - reservation_of(*record);
    const int unreserved_min = unreserved_concurrency_min(used.concurrency_max);
    if (used.concurrency_max - others - reserved < unreserved_min) {
        return invalid(fmt::format(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            "below its minimum value of [{}].",
            unreserved_min));
    }
    // The message is copied from localstack's lambda_/provider.py, with its spaces.
    if (const int provisioned = record->provisioned_concurrency(); provisioned > reserved) {
        return invalid(fmt::format(
            " ReservedConcurrentExecutions  {} should not be lower than function's total provisioned concurrency [{}].",
            reserved, provisioned));
    }
    set_reserved_concurrency(*record, reserved);
    return {};
}

// All versions share the reserved concurrency.
void Function_Settings::set_reserved_concurrency(Function_Record& record, std::optional<int> reserved) {
    const auto with_reservation = [&](const Function_Ptr& function) {
        auto copy = std::make_shared<Function>(*function);
        copy->reserved_concurrency = reserved;
        return copy;
    };
    const bool serves_latest = record.serving == record.latest;
    record.latest = with_reservation(record.latest);
    if (record.serving) record.serving = serves_latest ? record.latest : with_reservation(record.serving);
    for (auto& [number, version] : record.versions) version = with_reservation(version);
    registry_.save(record);
    invocations_.retire(record.account, record.latest->name);  // pools hold the previous version objects
}

// The engine has one version of each runtime: what $LATEST serves is unchanged, and its environments need not restart.
void Function_Settings::set_runtime_version(Function_Record& record, const std::string& version,
                                            const std::string& arn) {
    const auto number = record.versions.find(parse_version_number(version).value_or(0));
    Function_Ptr& changed = number == record.versions.end() ? record.latest : number->second;
    auto copy = std::make_shared<Function>(*changed);
    copy->runtime_version_arn = arn;
    changed = copy;
    registry_.save(record);
    if (number != record.versions.end()) invocations_.retire(record.account, record.latest->name, version);
}

Result<std::optional<int>> Function_Settings::concurrency(const Account& account, std::string_view name) const {
    OSBOT_TRY(auto* found, registry_.record(account, name));
    return found->latest->reserved_concurrency;
}

Result<void> Function_Settings::delete_concurrency(const Account& account, std::string_view name) {
    OSBOT_TRY(auto* found, registry_.unqualified(account, name));
    set_reserved_concurrency(*found, std::nullopt);
    return {};
}

// Tags belong to the function: neither versions nor aliases have any.
Result<Function_Record*> Function_Settings::taggable(const Account& account, std::string_view arn) const {
    OSBOT_TRY(const auto name, wire::parse_function_name(arn));
    if (!name.qualifier.empty()) {
        return invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.");
    }
    return registry_.record(account, arn);
}

Result<Tags_Of_Resource> Function_Settings::tags(const Account& account, std::string_view arn) const {
    OSBOT_TRY(auto* found, taggable(account, arn));
    return found->latest->tags;
}

// Does not change record.serving, so that its environments need not restart for a tag.
Result<void> Function_Settings::change_tags(const Account& account, std::string_view arn, const Tag_Change& change) {
    OSBOT_TRY(auto* record, taggable(account, arn));
    auto copy = std::make_shared<Function>(*record->latest);
    OSBOT_TRY(copy->tags, change(std::move(copy->tags)));
    record->latest = copy;
    registry_.save(*record);
    return {};
}

}  // namespace osbot_aws::services
