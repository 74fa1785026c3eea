// The messages and the order of the checks: recorded, lambda_/test_lambda_api.snapshot.json,
// test_lambda_eventinvokeconfig_exceptions and test_lambda_eventinvokeconfig_lifecycle.
#include "services/lambda/event_invoke_configs.hpp"

#include <fmt/format.h>

#include "services/lambda/destinations.hpp"
#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {
namespace {

Error no_function(const Account&, std::string_view, std::string_view) {
    return {"ResourceNotFoundException", "The function doesn't exist.", 404};
}

std::string key_of(std::string_view qualifier) { return qualifier.empty() ? "$LATEST" : std::string(qualifier); }

Error no_config(const Account& account, std::string_view name, std::string_view qualifier) {
    return {
        "ResourceNotFoundException",
        fmt::format("The function {}:{} doesn't have an EventInvokeConfig", arn_of(account, name), key_of(qualifier)),
        404};
}

std::string described(std::string_view member, std::string_view type, const std::optional<std::string>& arn) {
    return arn ? fmt::format("{}={}(destination={})", member, type, *arn) : fmt::format("{}=null", member);
}

Error invalid_destinations(const Event_Invoke_Change& request) {
    return invalid(fmt::format("The provided destination config DestinationConfig({}, {}) is invalid.",
                               described("onSuccess", "OnSuccess", request.on_success),
                               described("onFailure", "OnFailure", request.on_failure)));
}

}  // namespace

/// The function of a request and the qualifier of its options.
struct Event_Invoke_Configs::Place {
    Function_Record& record;
    std::string qualifier;

    std::string arn() const { return qualified_arn(*record.latest, qualifier); }
};

Result<Event_Invoke_Configs::Place> Event_Invoke_Configs::changeable(const Account& account,
                                                                     const Event_Invoke_Change& request) {
    if (!request.retries_max && !request.event_age_max_s && !request.has_destinations)
        return invalid("You must specify at least one of error handling or destination setting.");
    std::string_view qualifier = request.qualifier;
    OSBOT_TRY(auto* record, registry_.record(account, request.name, &qualifier, &no_function));
    if (!Function_Registry::version(*record, qualifier)) return no_function(account, {}, {});
    return Place{*record, key_of(qualifier)};
}

std::optional<Error> Event_Invoke_Configs::check_destination(const Function_Record& record,
                                                             const Event_Invoke_Change& request,
                                                             const std::string& arn) const {
    const std::string_view service = service_of(arn);
    if (service == "lambda") {
        const auto target = registry_.find(record.account, arn);
        if (!target) return invalid(fmt::format("The destination ARN {} is invalid.", arn));
        if ((*target)->arn == record.latest->arn)
            return invalid("You can't specify the function as a destination for itself.");
        return std::nullopt;
    }
    // A bucket takes only the records of failed events.
    const bool is_possible =
        service == "sqs" || service == "sns" || service == "events" || (service == "s3" && request.on_success != arn);
    return is_possible ? std::nullopt : std::optional(invalid_destinations(request));
}

Result<Event_Invoke_Entry> Event_Invoke_Configs::store(const Place& place, const Event_Invoke_Change& request,
                                                       Event_Invoke_Config config) {
    for (const auto& arn : {request.on_failure, request.on_success}) {
        if (!arn || arn->empty()) continue;
        if (auto error = check_destination(place.record, request, *arn)) return *error;
    }
    if (request.retries_max) config.retries_max = request.retries_max;
    if (request.event_age_max_s) config.event_age_max_s = request.event_age_max_s;
    if (request.has_destinations) {
        config.on_success = request.on_success.value_or("");
        config.on_failure = request.on_failure.value_or("");
    }
    config.modified_at = context_.now();
    place.record.event_invoke[place.qualifier] = config;
    registry_.save(place.record);
    return Event_Invoke_Entry{place.arn(), config};
}

Result<Event_Invoke_Entry> Event_Invoke_Configs::put(const Account& account, const Event_Invoke_Change& request) {
    OSBOT_TRY(const Place place, changeable(account, request));
    return store(place, request, {});
}

Result<Event_Invoke_Entry> Event_Invoke_Configs::update(const Account& account, const Event_Invoke_Change& request) {
    OSBOT_TRY(const Place place, changeable(account, request));
    const auto existing = place.record.event_invoke.find(place.qualifier);
    if (existing == place.record.event_invoke.end())
        return no_config(place.record.account, place.record.latest->name, place.qualifier);
    return store(place, request, existing->second);
}

Result<Event_Invoke_Entry> Event_Invoke_Configs::find(const Account& account, std::string_view name,
                                                      std::string_view qualifier) const {
    OSBOT_TRY(const auto* record, std::as_const(registry_).record(account, name, &qualifier, &no_config));
    const std::string key = key_of(qualifier);
    const auto config = record->event_invoke.find(key);
    if (config == record->event_invoke.end()) return no_config(record->account, record->latest->name, key);
    return Event_Invoke_Entry{qualified_arn(*record->latest, key), config->second};
}

Result<void> Event_Invoke_Configs::remove(const Account& account, std::string_view name, std::string_view qualifier) {
    OSBOT_TRY(find(account, name, qualifier));
    OSBOT_TRY(auto* record, registry_.record(account, name, &qualifier));
    record->event_invoke.erase(key_of(qualifier));
    registry_.save(*record);
    return {};
}

Result<Event_Invoke_Page> Event_Invoke_Configs::list(const Account& account, std::string_view name,
                                                     std::string_view marker,
                                                     std::optional<std::int64_t> items_max) const {
    OSBOT_TRY(const auto* record, std::as_const(registry_).record(account, name, nullptr, &no_function));
    Event_Invoke_Page page;
    page.next_marker = visit_page(record->event_invoke, marker, page_size(items_max), [&](const auto& entry) {
        page.entries.push_back({qualified_arn(*record->latest, entry.first), entry.second});
    });
    return page;
}

}  // namespace osbot_aws::services
