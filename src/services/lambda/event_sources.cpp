#include "services/lambda/event_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/lambda/sqs_poller.hpp"
#include "store/store.hpp"
#include "wire/lambda_names.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Event_Source_Mapping>& mapping) {
    f(mapping.account)("id", mapping.id)("source", mapping.event_source_arn)("function", mapping.function_name);
    f("qualifier", mapping.qualifier)("enabled", mapping.enabled)("batch_size", mapping.batch_size);
    f("window_s", mapping.window).optional("concurrency_max", mapping.concurrency_max);
    f("report_item_failures", mapping.report_item_failures)("filter_patterns", mapping.filter_patterns);
    f("modified_ms", mapping.modified_at).optional("tags", mapping.tags).optional("settings", mapping.settings);
}

namespace {

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
constexpr std::int64_t batch_size_without_window_max = 10, page_items_max = 100;
constexpr std::size_t filters_max = 5;
constexpr std::size_t initial_concurrency = 5;  // services-sqs-scaling.html: batches at the same time, at first

std::optional<Error> check_source(const std::optional<std::string>& arn) {
    if (!arn) return invalid("Unrecognized event source.");
    if (parse_queue_arn(*arn)) return std::nullopt;
    if (!arn->starts_with("arn:")) return invalid("Unrecognized event source.");
    return Error{"NotImplemented",
                 fmt::format("this local engine supports event source mappings of SQS queues only, not of {}", *arn),
                 501};
}

/// Returns the pollers of provisioned mode, by the names of AWS; {} if it is off.
Json pollers_of(const Event_Source_Mapping& mapping) {
    return mapping.settings.value("ProvisionedPollerConfig", Json::object());
}

// https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
constexpr int pollers_min = 2, pollers_max_default = 200;
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
constexpr std::size_t batches_per_poller = 10;

/// AWS documents these rules, but not the messages.
std::optional<Error> check_pollers(const Event_Source_Mapping& mapping) {
    const Json pollers = pollers_of(mapping);
    if (pollers.empty()) return std::nullopt;
    if (mapping.concurrency_max)
        return invalid("ProvisionedPollerConfig and ScalingConfig cannot be used together. Please remove one of them.");
    const int min = pollers.value("MinimumPollers", pollers_min);
    const int max = pollers.value("MaximumPollers", pollers_max_default);
    if (min < pollers_min || max < min)
        return invalid(
            fmt::format("Invalid ProvisionedPollerConfig: MinimumPollers must be at least {}, and "
                        "MaximumPollers at least MinimumPollers.",
                        pollers_min));
    return std::nullopt;
}

/// Returns how many batches the function processes at the same time. Provisioned mode has the minimum of its pollers.
std::size_t concurrency_of(const Event_Source_Mapping& mapping) {
    const Json pollers = pollers_of(mapping);
    if (!pollers.empty()) return batches_per_poller * pollers.value("MinimumPollers", std::size_t{pollers_min});
    return mapping.concurrency_max ? static_cast<std::size_t>(*mapping.concurrency_max) : initial_concurrency;
}

}  // namespace

std::string Event_Source_Mapping::arn() const { return account.arn("lambda", "event-source-mapping:" + id); }

std::string Event_Source_Mapping::function_arn() const {
    const std::string arn = arn_of(account, function_name);
    return qualifier.empty() ? arn : arn + ":" + qualifier;
}

/// A mapping, its poller, and its earlier pollers whose batches the function is still processing.
struct Event_Sources::Entry {
    Event_Source_Mapping mapping;
    std::unique_ptr<Sqs_Poller> poller;
    std::list<std::unique_ptr<Sqs_Poller>> stopping;
    bool removed = false;

    bool busy() const { return (poller && poller->busy()) || !stopping.empty(); }
};

Event_Sources::Event_Sources(Context& context, Sqs& sqs, const Function_Registry& functions, Invocations& invocations)
    : context_(context),
      sqs_(sqs),
      functions_(functions),
      invocations_(invocations),
      records_(context.store, {.name = "lambda.event_source_mapping"}) {}

Event_Sources::~Event_Sources() = default;

void Event_Sources::load() {
    clear();
    records_.load([this](const std::string& id, Event_Source_Mapping mapping) {
        Event_Filter::parse(mapping.filter_patterns).value();  // throws before the state changes
        Entry entry{.mapping = std::move(mapping), .poller = {}, .stopping = {}};
        start(entries_.emplace(id, std::move(entry)).first->second);
    });
}

void Event_Sources::clear() { entries_.clear(); }

bool Event_Sources::busy() const {
    return std::any_of(entries_.begin(), entries_.end(), [this](const auto& item) {
        const Entry& entry = item.second;
        const auto queue = sqs_.find_arn(entry.mapping.event_source_arn);
        return entry.busy() || (entry.poller && queue && !(*queue)->empty());
    });
}

/// Starts a poller with the current settings of the mapping. The previous poller completes its batches.
void Event_Sources::start(Entry& entry) {
    if (entry.poller) {
        entry.stopping.push_back(std::move(entry.poller));
        const auto position = std::prev(entry.stopping.end());
        (*position)->stop([this, id = entry.mapping.id, position] {
            Entry& ended = entries_.at(id);
            ended.stopping.erase(position);
            if (ended.removed && ended.stopping.empty()) entries_.erase(id);
        });
    }
    const Event_Source_Mapping& mapping = entry.mapping;
    if (!mapping.enabled || entry.removed) return;
    entry.poller = std::make_unique<Sqs_Poller>(
        context_, sqs_, functions_, invocations_,
        Sqs_Poller_Settings{.account = mapping.account,
                            .queue_arn = mapping.event_source_arn,
                            .function_name = mapping.function_name,
                            .qualifier = mapping.qualifier,
                            .function_arn = mapping.function_arn(),
                            .batch_size = static_cast<std::size_t>(mapping.batch_size),
                            .window = mapping.window,
                            .concurrency_max = concurrency_of(mapping),
                            .report_item_failures = mapping.report_item_failures,
                            .in_order = is_fifo_arn(mapping.event_source_arn),
                            .filter = Event_Filter::parse(mapping.filter_patterns).value()});
}

std::optional<Error> Event_Sources::check_queue(const Event_Source_Mapping& mapping) const {
    const auto queue = sqs_.find_arn(mapping.event_source_arn);
    if (!queue)
        return invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
            "Message: The specified queue does not exist or you do not have access to it.");
    OSBOT_TRY(const auto function, functions_.find(mapping.account, mapping.function_name, mapping.qualifier));
    // Source of the message: https://repost.aws/knowledge-center/lambda-sqs-trigger
    for (const char* operation : {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"})
        if (!context_.may(function->account, function->role, std::string("sqs:") + operation, mapping.event_source_arn))
            return invalid(
                fmt::format("The provided execution role does not have permissions to call {} on SQS", operation));
    const auto visibility_s = (*queue)->settings.visibility.count();
    if (visibility_s < function->timeout_s)
        return invalid(fmt::format("Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
                                   visibility_s, function->timeout_s));
    return std::nullopt;
}

Result<Event_Source_Mapping> Event_Sources::apply(Event_Source_Mapping mapping,
                                                  const Event_Source_Change& request) const {
    if (request.function_name) {
        OSBOT_TRY(const auto name, wire::parse_function_name(*request.function_name));
        const auto function = functions_.find(mapping.account, *request.function_name);
        // Recorded: lambda_/test_lambda_api.snapshot.json, test_event_source_mapping_exceptions
        if (!function && function.error().code == "ResourceNotFoundException")
            return invalid("Function does not exist");
        if (!function) return function.error();
        if (auto error = check_without_tenants(**function, "An event source mapping")) return *error;
        mapping.function_name = (*function)->name;
        mapping.qualifier = name.qualifier;
    }
    mapping.enabled = request.enabled.value_or(mapping.enabled);
    if (request.batch_size) mapping.batch_size = static_cast<int>(*request.batch_size);
    if (request.window_s) mapping.window = std::chrono::seconds(*request.window_s);
    // Source: https://github.com/aws/aws-lambda-dotnet/pull/1758
    if (is_fifo_arn(mapping.event_source_arn) && mapping.window.count() != 0)
        return invalid("Batching window is not supported for FIFO queues");
    if (mapping.batch_size > batch_size_without_window_max && mapping.window.count() == 0)
        return invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
    if (request.concurrency_max)
        mapping.concurrency_max =
            *request.concurrency_max == 0 ? std::nullopt : std::optional(static_cast<int>(*request.concurrency_max));
    if (request.response_types) mapping.report_item_failures = !request.response_types->empty();
    if (request.filter_patterns) {
        if (request.filter_patterns->size() > filters_max)
            return invalid(fmt::format("Exceeded the maximum number of filters: {}", filters_max));
        OSBOT_TRY(Event_Filter::parse(*request.filter_patterns));
        mapping.filter_patterns = *request.filter_patterns;
    }
    for (const auto& [name, value] : request.settings.items()) {
        if (value.empty())
            mapping.settings.erase(name);
        else
            mapping.settings[name] = value;
    }
    if (auto error = check_pollers(mapping)) return *error;
    mapping.modified_at = context_.now();
    return mapping;
}

Result<Event_Source_Mapping> Event_Sources::create(const Account& account, const Event_Source_Change& request) {
    if (auto error = check_source(request.event_source_arn)) return *error;
    Event_Source_Mapping blank;
    blank.account = account;
    blank.id = base::uuid4();
    blank.event_source_arn = *request.event_source_arn;
    blank.tags = request.tags;
    OSBOT_TRY(auto mapping, apply(std::move(blank), request));
    if (auto error = check_queue(mapping)) return *error;
    for (const auto& [id, entry] : entries_) {
        if (!entry.removed && entry.mapping.event_source_arn == mapping.event_source_arn &&
            entry.mapping.function_arn() == mapping.function_arn())
            return conflict(
                fmt::format("An event source mapping with SQS arn (\" {} \") and function (\" {} \") already "
                            "exists. Please update or delete the existing mapping with UUID {}",
                            mapping.event_source_arn, mapping.function_name, id));
    }
    records_.put(mapping.id, mapping);
    start(entries_.emplace(mapping.id, Entry{.mapping = mapping, .poller = {}, .stopping = {}}).first->second);
    return mapping;
}

Result<Event_Source_Mapping> Event_Sources::find(const Account& account, std::string_view id) const {
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.removed || found->second.mapping.account != account)
        return resource_not_found();
    return found->second.mapping;
}

Result<Event_Source_Mapping> Event_Sources::update(const Account& account, std::string_view id,
                                                   const Event_Source_Change& request) {
    OSBOT_TRY(auto current, find(account, id));
    OSBOT_TRY(auto mapping, apply(std::move(current), request));
    if (auto error = check_queue(mapping)) return *error;
    records_.put(mapping.id, mapping);
    Entry& entry = entries_.find(id)->second;
    entry.mapping = mapping;
    start(entry);
    return mapping;
}

Result<Event_Source_Mapping> Event_Sources::remove(const Account& account, std::string_view id) {
    OSBOT_TRY(auto mapping, find(account, id));
    records_.erase(mapping.id);
    const auto position = entries_.find(id);
    position->second.removed = true;
    start(position->second);
    if (!position->second.busy()) entries_.erase(position);
    return mapping;
}

Result<Event_Source_Page> Event_Sources::list(const Account& account, std::string_view event_source_arn,
                                              std::string_view function_name, std::string_view marker,
                                              std::optional<std::int64_t> items_max) const {
    const std::size_t size = page_size(items_max, page_items_max);
    std::string name_filter, qualifier_filter;
    if (!function_name.empty()) {
        OSBOT_TRY(const auto name, wire::parse_function_name(function_name));
        name_filter = name.name;
        qualifier_filter = name.qualifier;
    }
    Event_Source_Page page;
    for (auto at = entries_.upper_bound(marker); at != entries_.end(); ++at) {
        const Event_Source_Mapping& mapping = at->second.mapping;
        if (at->second.removed || mapping.account != account) continue;
        if (!event_source_arn.empty() && mapping.event_source_arn != event_source_arn) continue;
        if (!name_filter.empty() && mapping.function_name != name_filter) continue;
        if (!qualifier_filter.empty() && mapping.qualifier != qualifier_filter) continue;
        if (page.mappings.size() == size) {
            page.next_marker = page.mappings.back().id;
            break;
        }
        page.mappings.push_back(mapping);
    }
    return page;
}

// ---- tags -----------------------------------------------------------------------------------------------------------

/// The message: recorded, lambda_/test_lambda_api.snapshot.json, test_tag_exceptions[event_source_mapping].
Result<const Event_Source_Mapping*> Event_Sources::find_arn(const Account& account, std::string_view arn) const {
    const auto found = entries_.find(arn.substr(arn.rfind(':') + 1));
    if (found != entries_.end() && !found->second.removed && found->second.mapping.account == account &&
        found->second.mapping.arn() == arn)
        return &found->second.mapping;
    return Error{"ResourceNotFoundException", fmt::format("Event source mapping not found: {}", arn), 404};
}

Result<Tags_Of_Resource> Event_Sources::tags(const Account& account, std::string_view arn) const {
    OSBOT_TRY(const auto mapping, find_arn(account, arn));
    return mapping->tags;
}

Result<void> Event_Sources::change_tags(const Account& account, std::string_view arn, const Tag_Change& change) {
    OSBOT_TRY(const auto found, find_arn(account, arn));
    OSBOT_TRY(auto tags, change(found->tags));
    Event_Source_Mapping& mapping = entries_.at(found->id).mapping;
    mapping.tags = std::move(tags);
    records_.put(mapping.id, mapping);
    return {};
}

}  // namespace osbot_aws::services
