// The messages and the order of the checks: recorded, lambda_/test_lambda_api.snapshot.json,
// test_provisioned_concurrency_exceptions, and lambda_/test_lambda.snapshot.json, TestLambdaConcurrency.
#include "services/lambda/provisioned_concurrency.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the version that has the environments of a qualifier; "" if an alias no longer exists.
std::string version_of(const Function_Record& record, const std::string& qualifier) {
    const auto alias = record.aliases.find(qualifier);
    return alias == record.aliases.end() ? qualifier : alias->second.version;
}

Error unpublished() {
    return invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
}

/// A version has the environments of one configuration only: its own, or that of an alias.
/// The messages are copied from localstack's lambda_/provider.py.
std::optional<Error> check_overlap(const Function_Record& record, const std::string& qualifier) {
    const std::string version = version_of(record, qualifier);
    if (version != qualifier) return check_provisioned_alias(record, version);
    for (const auto& [other, config] : record.provisioned)
        if (other != qualifier && version_of(record, other) == version)
            return conflict("Version is pointed by a Provisioned Concurrency alias");
    return std::nullopt;
}

/// Returns the number of environments that configurations request for a version.
std::size_t requested_for(const Function_Record& record, const std::string& version) {
    int requested = 0;
    for (const auto& [qualifier, config] : record.provisioned)
        if (version_of(record, qualifier) == version) requested += config.requested;
    return static_cast<std::size_t>(requested);
}

}  // namespace

std::optional<Error> check_provisioned_alias(const Function_Record& record, const std::string& version) {
    if (version == "$LATEST") return unpublished();
    if (record.provisioned.contains(version))
        return conflict(
            "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
    return std::nullopt;
}

Provisioned_Concurrency::Provisioned_Concurrency(Context& context, Function_Registry& registry,
                                                 Invocations& invocations, const Function_Settings& settings)
    : context_(context), registry_(registry), invocations_(invocations), settings_(settings) {
    registry_.when_saved([this](const Function_Record& record) { apply_later(record); });
}

Provisioned_Concurrency::~Provisioned_Concurrency() {
    registry_.when_saved([](const Function_Record&) {});
}

void Provisioned_Concurrency::load() {
    registry_.for_each([this](const Function_Record& record) { apply_later(record); });
}

/// Finds the function of a request, whose qualifier must be a version or an alias.
Result<Function_Record*> Provisioned_Concurrency::published(const Account& account, std::string_view name,
                                                            std::string_view& qualifier) const {
    OSBOT_TRY(auto* found, registry_.record(account, name, &qualifier, &unknown_qualifier));
    if (!Function_Registry::version(*found, qualifier))
        return unknown_qualifier(found->account, found->latest->name, qualifier);
    return found;
}

std::optional<Error> Provisioned_Concurrency::check_limits(const Function_Record& record, std::string_view qualifier,
                                                           int requested) const {
    std::int64_t all = requested;
    for (const auto& [other, config] : record.provisioned)
        if (other != qualifier) all += config.requested;
    if (record.latest->reserved_concurrency && *record.latest->reserved_concurrency < all)
        return invalid(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for "
            "function");
    if (record.latest->reserved_concurrency) return std::nullopt;
    const auto usage = settings_.usage(record.account);
    const int unreserved_min = unreserved_concurrency_min(usage.concurrency_max);
    const int unreserved = usage.concurrency_max - usage.reserved_concurrency + reservation_of(record);
    if (all > unreserved)
        return invalid(fmt::format(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{}].",
            unreserved));
    if (unreserved - all < unreserved_min)
        return invalid(
            fmt::format("Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
                        "below its minimum value of [{}].",
                        unreserved_min));
    return std::nullopt;
}

Result<Provisioned_Status> Provisioned_Concurrency::put(const Account& account, std::string_view name,
                                                        std::string_view qualifier, int requested) {
    if (qualifier == "$LATEST") return unpublished();
    OSBOT_TRY(auto* record, published(account, name, qualifier));
    const std::string key(qualifier);
    if (auto error = check_without_tenants(*record->latest, "Provisioned concurrency")) return *error;
    if (auto error = check_overlap(*record, key)) return *error;
    if (const auto function = Function_Registry::version(*record, version_of(*record, key));
        function && (*function)->snap_starts())
        return invalid("Provisioned Concurrency is not supported for SnapStart enabled functions.");
    if (auto error = check_limits(*record, qualifier, requested)) return *error;
    record->provisioned[key] = {.requested = requested, .modified_at = context_.now(), .previous_version = {}};
    registry_.save(*record);
    Provisioned_Status accepted = status(*record, key);
    accepted.status = "IN_PROGRESS";  // the environments start after the response
    accepted.reason = "";
    return accepted;
}

Provisioned_Status Provisioned_Concurrency::status(const Function_Record& record, const std::string& qualifier) const {
    const Provisioned_Config& config = record.provisioned.at(qualifier);
    const auto provisioned = [&](const std::string& version) {
        const auto function = Function_Registry::version(record, version);
        return function ? invocations_.provisioned(**function) : Invocations::Provisioned{};
    };
    const auto current = provisioned(version_of(record, qualifier));
    Provisioned_Status status{.function_arn = qualified_arn(*record.latest, qualifier),
                              .requested = config.requested,
                              .ready = std::min(static_cast<int>(current.ready), config.requested),
                              .status = "READY",
                              .reason = {},
                              .modified_at = config.modified_at};
    if (status.ready == status.requested) return status;
    status.status = current.failed ? "FAILED" : "IN_PROGRESS";
    if (current.failed) status.reason = "FUNCTION_ERROR_INIT_FAILURE";
    if (!config.previous_version.empty())  // its environments still serve
        status.ready =
            std::min(status.ready + static_cast<int>(provisioned(config.previous_version).ready), config.requested);
    return status;
}

Result<Provisioned_Status> Provisioned_Concurrency::find(const Account& account, std::string_view name,
                                                         std::string_view qualifier) const {
    if (qualifier == "$LATEST")
        return invalid("The function resource provided must be an alias or a published version.");
    OSBOT_TRY(const auto* record, published(account, name, qualifier));
    const std::string key(qualifier);
    if (!record->provisioned.contains(key))
        return Error{"ProvisionedConcurrencyConfigNotFoundException",
                     "No Provisioned Concurrency Config found for this function", 404};
    return status(*record, key);
}

Result<void> Provisioned_Concurrency::remove(const Account& account, std::string_view name,
                                             std::string_view qualifier) {
    if (qualifier == "$LATEST")
        return invalid("The function resource provided must be an alias or a published version.");
    OSBOT_TRY(auto* record, published(account, name, qualifier));
    if (record->provisioned.erase(std::string(qualifier)) > 0) registry_.save(*record);
    return {};
}

Result<Provisioned_Page> Provisioned_Concurrency::list(const Account& account, std::string_view name,
                                                       std::string_view marker,
                                                       std::optional<std::int64_t> items_max) const {
    OSBOT_TRY(const auto* record, std::as_const(registry_).record(account, name));
    Provisioned_Page page;
    page.next_marker = visit_page(record->provisioned, marker, page_size(items_max),
                                  [&](const auto& entry) { page.entries.push_back(status(*record, entry.first)); });
    return page;
}

/// After the current turn, because the operation that saved the record may also retire environments of the function.
void Provisioned_Concurrency::apply_later(const Function_Record& record) {
    const Name name{record.account, record.latest->name};
    if (!record.provisioned.empty()) provisioned_.insert(name);
    if (!provisioned_.contains(name)) return;
    context_.loop.post([this, alive = std::weak_ptr(alive_), name] {
        if (!alive.expired()) apply(name);
    });
}

void Provisioned_Concurrency::apply(const Name& name) {
    const Function_Record* record = registry_.find_name(name.first, name.second);
    if (record == nullptr || record->provisioned.empty()) provisioned_.erase(name);
    if (record == nullptr) return;  // the environments of a deleted function end by themselves
    for (const auto& [number, version] : record->versions)
        if (version->state == "Active") invocations_.provision(version, requested_for(*record, version->version));
}

}  // namespace osbot_aws::services
