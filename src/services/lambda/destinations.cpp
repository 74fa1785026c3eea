#include "services/lambda/destinations.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/s3/s3_service_object.hpp"
#include "wire/json_text.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
constexpr std::size_t error_message_bytes_max = 1024;  // in a message of a dead-letter queue
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
constexpr int hops_max = 16;

/// Returns the qualifier of the invoke; $LATEST for the function itself.
std::string qualifier_of(const Queued_Event& event) {
    const auto name = wire::parse_function_name(event.invoked_arn);
    return name && !name->qualifier.empty() ? std::string(name->qualifier) : "$LATEST";
}

/// Returns a payload as a JSON value. Its text is unchanged, so that numbers keep their digits.
std::string json_value(std::string_view payload) {
    if (payload.empty()) return "{}";
    const bool is_json = base::is_utf8(payload) && !wire::json_fault(payload);
    return is_json ? std::string(payload) : base::dump_json_lossy(Json(payload));
}

/// Returns the record of an event.
/// Recorded: lambda_/test_lambda_destinations.snapshot.json, test_invoke_lambda_eventbridge
std::string record_of(const Finished_Event& finished, const std::string& now) {
    const Queued_Event& event = finished.event;
    const Json context{{"requestId", finished.id},
                       {"functionArn", qualified_arn(finished.function, qualifier_of(event))},
                       {"condition", finished.condition},
                       {"approximateInvokeCount", event.attempts}};
    std::string record = fmt::format(R"({{"version":"1.0","timestamp":"{}","requestContext":{},"requestPayload":{})",
                                     now, base::dump_json(context), json_value(event.payload));
    if (finished.result != nullptr) {
        Json response{{"statusCode", 200}, {"executedVersion", finished.function.version}};
        if (!finished.result->function_error.empty()) response["functionError"] = finished.result->function_error;
        record += fmt::format(R"(,"responseContext":{},"responsePayload":{})", base::dump_json(response),
                              json_value(finished.result->payload));
    }
    return record + "}";
}

/// Returns the errorMessage of the function; the condition if it did not run.
std::string error_message(const Finished_Event& finished) {
    if (finished.result == nullptr) return std::string(finished.condition);
    const Json error = base::parse_json(finished.result->payload);
    const auto message = error.is_object() ? error.find("errorMessage") : error.end();
    const bool has_message = error.is_object() && message != error.end() && message->is_string();
    std::string text = has_message ? message->get<std::string>() : finished.result->payload;
    if (text.size() > error_message_bytes_max) text.resize(error_message_bytes_max);
    while (!base::is_utf8(text)) text.pop_back();  // an attribute of a message is UTF-8
    return text;
}

/// Returns the ARN of the dead-letter queue of a version; "" if it has none.
std::string dead_letter_arn(const Function& function) {
    return function.settings.value("DeadLetterConfig", Json::object()).value("TargetArn", "");
}

/// Recorded: lambda_/test_lambda_destinations.snapshot.json, test_dead_letter_queue
Send_Message dead_letter_message(const Finished_Event& finished) {
    const auto text = [](std::string value) { return Message_Attribute{"String", std::move(value)}; };
    const std::string code = finished.result == nullptr ? "429" : "200";
    Send_Message message{
        .body = finished.event.payload.empty() ? "{}" : finished.event.payload,
        .attributes = {{"RequestID", text(finished.id)}, {"ErrorCode", Message_Attribute{"Number", code}}}};
    // SQS accepts no empty value.
    if (std::string why = error_message(finished); !why.empty())
        message.attributes.emplace("ErrorMessage", text(std::move(why)));
    return message;
}

/// Checks the permission of the function's role for its destination. The end of the name of an object is random.
Result<void> check_role(const Context& context, const Function& function, const std::string& arn) {
    constexpr std::pair<std::string_view, const char*> actions[] = {
        {"lambda", "lambda:InvokeFunction"}, {"s3", "s3:PutObject"}, {"sqs", "sqs:SendMessage"}};
    const std::string objects = fmt::format("{}/aws/lambda/async/{}/", arn, function.name);
    for (const auto& [service, action] : actions)
        if (service_of(arn) == service &&
            !context.may(function.account, function.role, action, service == "s3" ? objects : arn))
            return local_error("AccessDenied", "the role {} is not allowed to perform {}", function.role, action);
    return {};
}

Error no_such_service(std::string_view arn) {
    return local_error("NotImplemented", "this engine has no such service: {}", service_of(arn));
}

/// Names an event in the log: "function orders: event 1234 (RetriesExhausted)".
std::string described(const Finished_Event& finished) {
    return fmt::format("function {}: event {} ({})", finished.event.function, finished.id, finished.condition);
}

void log_lost(const std::string& event, const std::string& arn, const Error& error) {
    base::log_warning("{} was not sent to {}: {}", event, arn, error.message);
}

/// aws/lambda/async/<function>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random UUID>
std::string object_key(const std::string& function, base::Time now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    return fmt::format("aws/lambda/async/{}/{:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{}", function,
                       fmt::gmtime(std::chrono::system_clock::to_time_t(second)), base::uuid4());
}

}  // namespace

std::string_view service_of(std::string_view arn) {
    if (base::take_until(arn, ':') != "arn") return {};
    base::take_until(arn, ':');
    return base::take_until(arn, ':');
}

const Event_Invoke_Config* Destinations::config_of(const Queued_Event& event) const {
    const Function_Record* record = functions_.find_name(event.account, event.function);
    if (record == nullptr) return nullptr;
    const auto found = record->event_invoke.find(qualifier_of(event));
    return found == record->event_invoke.end() ? nullptr : &found->second;
}

Event_Limits Destinations::limits(const Queued_Event& event) const {
    Event_Limits limits;
    if (const Event_Invoke_Config* config = config_of(event)) {
        limits.retries_max = config->retries_max.value_or(limits.retries_max);
        if (config->event_age_max_s) limits.age_max = std::chrono::seconds(*config->event_age_max_s);
    }
    return limits;
}

void Destinations::deliver(const Finished_Event& finished, std::function<void()> done) {
    const bool failed = finished.condition != "Success";
    if (const std::string queue = dead_letter_arn(finished.function); failed && !queue.empty())
        done = [send = dead_letter(finished, queue), done = std::move(done)] { send(), done(); };
    const Event_Invoke_Config* config = config_of(finished.event);
    const std::string arn = config == nullptr ? "" : failed ? config->on_failure : config->on_success;
    if (arn.empty()) return done();
    if (const auto allowed = check_role(context_, finished.function, arn); !allowed) {
        log_lost(described(finished), arn, allowed.error());
        return done();
    }
    const std::string_view service = service_of(arn);
    if (service == "s3") return put_object(arn, finished, std::move(done));
    Result<void> sent = no_such_service(arn);
    if (service == "lambda") sent = invoke(arn, finished);
    if (service == "sqs") sent = send_to_queue(arn, {.body = record_of(finished, base::iso8601_ms_z(context_.now()))});
    if (!sent) log_lost(described(finished), arn, sent.error());
    done();
}

/// Returns a function that sends a failed event to its dead-letter queue. It is called in the turn of the loop that
/// erases the event: an engine that ends during an upload to a bucket attempts the event again, and sends it once.
std::function<void()> Destinations::dead_letter(const Finished_Event& finished, const std::string& queue_arn) {
    return [this, message = dead_letter_message(finished), queue_arn, event = described(finished),
            allowed = check_role(context_, finished.function, queue_arn)] {
        const auto sent = !allowed                         ? allowed
                          : service_of(queue_arn) == "sqs" ? send_to_queue(queue_arn, message)
                                                           : Result<void>(no_such_service(queue_arn));
        if (!sent) log_lost(event, queue_arn, sent.error());
    };
}

Result<void> Destinations::send_to_queue(const std::string& arn, Send_Message message) {
    OSBOT_TRY(const Queue* queue, sqs_.find_arn(arn));
    OSBOT_TRY(sqs_.send(*queue, std::move(message)));
    return {};
}

/// Ends a chain of functions that are destinations of each other, unless the next one permits it.
Result<void> Destinations::invoke(const std::string& arn, const Finished_Event& finished) {
    const Queued_Event& event = finished.event;
    OSBOT_TRY(auto target, functions_.invocable(event.account, arn));
    if (const auto error = check_tenant(*target.function, {})) return *error;
    OSBOT_TRY(const auto* record, functions_.record(event.account, arn));
    if (event.hops + 1 >= hops_max && record->recursive_loop != "Allow")
        return local_error("RecursiveInvocationException",
                           "it ends a chain of {} functions that are destinations of each other; "
                           "PutFunctionRecursionConfig permits longer ones",
                           hops_max);
    std::string payload = record_of(finished, base::iso8601_ms_z(context_.now()));
    if (payload.size() > event_bytes_max)
        return local_error("RequestEntityTooLargeException", "its record has {} bytes, and an event at most {}",
                           payload.size(), event_bytes_max);
    invocations_.enqueue({.function = target.function,
                          .invoked_arn = arn,
                          .payload = std::move(payload),
                          .client_context = {},
                          .trace_id = {},
                          .hops = event.hops + 1});
    return {};
}

void Destinations::put_object(const std::string& arn, const Finished_Event& finished, std::function<void()> done) {
    const base::Time now = context_.now();
    put_service_object(s3_, finished.event.account,
                       {.bucket = arn.substr(arn.rfind(':') + 1),
                        .key = object_key(finished.event.function, now),
                        .content = record_of(finished, base::iso8601_ms_z(now)),
                        .content_type = "application/json"},
                       [alive = std::weak_ptr(alive_), arn, event = described(finished),
                        done = std::move(done)](const Result<void>& stored) {
                           if (alive.expired()) return;
                           if (!stored) log_lost(event, arn, stored.error());
                           done();
                       });
}

}  // namespace osbot_aws::services
