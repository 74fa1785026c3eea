#include "services/lambda/running/extensions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::services {
namespace {

using Extension_State = Extension::State;

constexpr std::string_view extensions_api = "/2020-01-01/extension/";
constexpr std::size_t registration_bytes_max = 65'536, extension_name_bytes_max = 128;

// The types and messages of AWS's runtime interface emulator (internal/lambda/rapi/handler).
Error extension_error(const char* type, std::string message) { return {type, std::move(message), 403}; }

Error invalid_transition(const Extension& extension, std::string_view next_state) {
    return extension_error(
        "Extension.InvalidExtensionState",
        fmt::format("State transition from {} to {} failed for extension {}. Error: State transition is not "
                    "allowed",
                    extension.state_name(), next_state, extension.name));
}

wire::Response extension_response(int status, const Json& json) {
    return {status, {{"Content-Type", "application/json"}}, base::dump_json_lossy(json)};
}

/// Reads the events of a registration.
Result<void> read_events(const wire::Request& request, Extension& extension) {
    const std::string& body = request.body.bytes();
    const Json json = body.size() > registration_bytes_max ? Json() : base::parse_json(body);
    if (!json.is_object()) return extension_error("InvalidRequestFormat", "the body is not a JSON object");
    const Json events = json.value("events", Json::array());
    if (!events.is_array()) return extension_error("InvalidRequestFormat", "events is not a list");
    for (const Json& event : events) {
        const bool known = event == "INVOKE" || (event == "SHUTDOWN" && extension.external);
        if (!known)
            return extension_error(
                "Extension.InvalidEventType",
                fmt::format("{}: ErrorInvalidEventType",
                            event.is_string() ? event.get<std::string>() : base::dump_json_lossy(event)));
        (event == "INVOKE" ? extension.invoke_events : extension.shutdown_events) = true;
    }
    return {};
}

Json invoke_event_json(const Next_Event& event) {
    return {{"eventType", "INVOKE"},
            {"deadlineMs", event.deadline_ms},
            {"requestId", event.request_id},
            {"invokedFunctionArn", event.function_arn},
            {"tracing", {{"type", "X-Amzn-Trace-Id"}, {"value", event.trace_id}}}};
}

void send_event(Extension& extension, const std::string& event) {
    extension.state = Extension_State::running;
    std::exchange(extension.waiting, nullptr)(
        {200, {{"Content-Type", "application/json"}, {"Lambda-Extension-Event-Identifier", base::uuid4()}}, event});
}

}  // namespace

std::vector<std::string> Extension::events() const {
    std::vector<std::string> names;
    if (invoke_events) names.emplace_back("INVOKE");
    if (shutdown_events) names.emplace_back("SHUTDOWN");
    return names;
}

std::string_view Extension::state_name() const {
    constexpr std::string_view names[] = {"Started", "Registered", "Ready", "Running", "Failed", "Exited"};
    return names[static_cast<int>(state)];
}

void Extensions::start(const std::vector<std::string>& names) {
    all_.clear();
    for (const std::string& name : names) all_.push_back({.name = name});
    external_count_ = names.size();
    is_open_ = true;
    shutdown_event_.reset();
}

bool Extensions::any_external() const { return external_count_ > 0; }

bool Extensions::all_registered() const {
    return std::ranges::none_of(all_, [](const Extension& each) { return each.state == Extension_State::started; });
}

bool Extensions::ready() const {
    return std::ranges::all_of(all_, [](const Extension& each) { return each.waiting != nullptr; });
}

const Extension* Extensions::find(std::string_view id) const {
    const auto found = std::ranges::find(all_, id, &Extension::id);
    return id.empty() || found == all_.end() ? nullptr : &*found;
}

Extension* Extensions::find_named(std::string_view name) {
    const auto found = std::ranges::find(all_, name, &Extension::name);
    return found == all_.end() ? nullptr : &*found;
}

void Extensions::handle(const wire::Request& request, const Reply& reply) {
    const std::string_view path = request.path().substr(std::min(extensions_api.size(), request.path().size()));
    const auto respond = [&](const Result<void>& result) {
        if (result) return reply(extension_response(202, {{"status", "OK"}}));
        reply(extension_response(result.error().http_status,
                                 {{"errorMessage", result.error().message}, {"errorType", result.error().code}}));
    };
    if (request.method == "POST" && path == "register") {
        Extension* extension = nullptr;
        const auto made = register_one(request, extension);
        return made ? registered(request, *extension, reply) : respond(made);
    }
    const auto extension = identified(request);
    if (!extension) return respond(extension.error());
    if (request.method == "GET" && path == "event/next") {
        if ((*extension)->waiting) return respond(invalid_transition(**extension, "Ready"));
        return next(**extension, reply);
    }
    if (request.method == "POST" && path == "init/error")
        return respond(report_error("Extension.InitError", request, **extension));
    if (request.method == "POST" && path == "exit/error")
        return respond(report_error("Extension.ExitError", request, **extension));
    respond(Error{"NotFound", fmt::format("the Extensions API has no {} {}", request.method, request.path()), 404});
}

Result<Extension*> Extensions::identified(const wire::Request& request) {
    const std::string_view id = request.headers["Lambda-Extension-Identifier"];
    if (id.empty())
        return extension_error("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header");
    const auto found = std::ranges::find(all_, id, &Extension::id);
    if (found == all_.end())
        return extension_error("Extension.UnknownExtensionIdentifier", fmt::format("Unknown extension {}", id));
    return &*found;
}

Result<Extension*> Extensions::extension_to_register(const std::string& name) {
    if (Extension* known = find_named(name)) {
        if (!known->external)
            return extension_error("Extension.InvalidExtensionState", "Extension with this name already registered");
        if (known->state != Extension_State::started) return invalid_transition(*known, "Registered");
        return known;
    }
    if (!is_open_) return extension_error("Extension.RegistrationClosed", "Extension registration closed already");
    if (all_.size() >= sandbox::companions_max)
        return extension_error("Extension.TooManyExtensions",
                               fmt::format("Extension limit ({}) reached", sandbox::companions_max));
    return nullptr;
}

Result<void> Extensions::register_one(const wire::Request& request, Extension*& extension) {
    const std::string name(request.headers["Lambda-Extension-Name"]);
    if (name.empty() || name.size() > extension_name_bytes_max)
        return extension_error("Extension.InvalidExtensionName",
                               name.empty() ? "Empty extension name"
                                            : fmt::format("the name has more than {} bytes", extension_name_bytes_max));
    OSBOT_TRY(extension, extension_to_register(name));
    Extension made = extension != nullptr ? *extension : Extension{.name = name, .external = false};
    OSBOT_TRY(read_events(request, made));
    made.id = base::uuid4();
    made.state = Extension_State::registered;
    extension = extension != nullptr ? &(*extension = std::move(made)) : &all_.emplace_back(std::move(made));
    return {};
}

void Extensions::registered(const wire::Request& request, const Extension& extension, const Reply& reply) {
    Json json{{"functionName", function_.name}, {"functionVersion", function_.version}, {"handler", function_.handler}};
    if (request.headers["Lambda-Extension-Accept-Feature"].find("accountId") != std::string_view::npos)
        json["accountId"] = function_.account.id;
    wire::Response response = extension_response(200, json);
    response.headers.add("Lambda-Extension-Identifier", extension.id);
    const bool is_last = extension.external && all_registered();
    reply(std::move(response));  // a pipelined registration may follow within the call, and move the extensions
    if (is_last) callbacks_.on_registered();
}

void Extensions::next(Extension& extension, const Reply& reply) {
    extension.waiting = reply;
    extension.state = Extension_State::ready;
    if (!shutdown_event_) return callbacks_.on_ready();
    if (extension.shutdown_events) send_event(extension, *shutdown_event_);
}

Result<void> Extensions::report_error(std::string_view type, const wire::Request& request, Extension& extension) {
    const std::string_view reported = request.headers["Lambda-Extension-Function-Error-Type"];
    if (reported.empty())
        return extension_error("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
    extension.state = Extension_State::failed;
    extension.error_type = reported.substr(0, extension_name_bytes_max);
    if (!shutdown_event_) callbacks_.on_failure({type, extension.error_type});
    return {};
}

void Extensions::invoke(const Next_Event& event) {
    std::string text;
    for (Extension& extension : all_) {
        if (!extension.invoke_events || !extension.waiting) continue;
        if (text.empty()) text = base::dump_json_lossy(invoke_event_json(event));
        send_event(extension, text);
    }
}

void Extensions::shut_down(std::string_view reason, std::int64_t deadline_ms) {
    is_open_ = false;
    shutdown_event_ =
        base::dump_json_lossy(Json{{"eventType", "SHUTDOWN"}, {"shutdownReason", reason}, {"deadlineMs", deadline_ms}});
    for (Extension& extension : all_)
        if (extension.shutdown_events && extension.waiting) send_event(extension, *shutdown_event_);
}

bool Extensions::shutting_down() const {
    return std::ranges::any_of(
        all_, [](const Extension& each) { return each.shutdown_events && each.state != Extension_State::exited; });
}

void Extensions::exited(std::size_t index, const std::string& how) {
    if (index >= external_count_) return;
    Extension& extension = all_[index];
    extension.waiting = nullptr;
    const bool has_failed = extension.state == Extension_State::failed;
    extension.state = Extension_State::exited;
    if (!shutdown_event_ && !has_failed) callbacks_.on_failure({"Extension.Crash", how});
}

}  // namespace osbot_aws::services
