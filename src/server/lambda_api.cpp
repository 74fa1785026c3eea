#include "server/lambda_api.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "server/blob_body.hpp"
#include "server/lambda_json.hpp"
#include "server/lambda_operations.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "wire/body_stream.hpp"
#include "wire/errors.hpp"
#include "wire/json_text.hpp"
#include "wire/lambda_url.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::server {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t event_bytes_max = 1'048'576;
constexpr std::chrono::minutes link_lifetime{10};

wire::Response json_response(const Json& body, int status = 200) {
    wire::Response response{.status = status, .headers = {{"Content-Type", "application/json"}}, .body = {}};
    response.headers.add("x-amzn-RequestId", base::uuid4());
    if (!body.is_null()) response.body.bytes = base::dump_json_lossy(body);
    return response;
}

wire::Response error_response(const Error& error) { return wire::rest_json_error(error, base::uuid4()); }

// The error of a rejected invoke. A throttled invoke names the limit: that of the function, or of the account.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
wire::Response invoke_error_response(const Error& error, bool reserved) {
    wire::Response response = error_response(error);
    if (error.code != "TooManyRequestsException") return response;
    Json body = base::parse_json_or_throw(response.body.bytes);
    body["Reason"] =
        reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded" : "ConcurrentInvocationLimitExceeded";
    response.body.bytes = base::dump_json_lossy(body);
    return response;
}

/// The response of InvokeWithResponseStream: a PayloadChunk for each piece, then InvokeComplete.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
std::shared_ptr<wire::Body_Stream> event_stream(const engine::Invoke_Result& result, bool with_log) {
    auto events = std::make_shared<wire::Body_Stream>();
    const auto chunk = [events, source = std::weak_ptr(result.stream)](std::string_view piece) {
        events->write(wire::event_frame("PayloadChunk", "application/octet-stream", piece));
        if (const auto from = source.lock()) from->set_unsent(events->unsent());
    };
    const auto complete = [events, with_log](std::string_view code, std::string_view details, std::string_view log) {
        Json outcome = Json::object();
        if (!code.empty()) outcome = {{"ErrorCode", code}, {"ErrorDetails", details}};
        if (with_log) outcome["LogResult"] = base::base64_encode(log);
        const std::string text = base::dump_json_lossy(outcome);
        events->write(wire::event_frame("InvokeComplete", "application/json", text));
        events->end({});
    };
    if (result.stream) {
        events->draw_from(result.stream);
        result.stream->read(chunk, [complete](const wire::Body_Stream::End& end) {
            complete(end.trailers["ErrorCode"], end.trailers["ErrorDetails"], end.trailers["LogResult"]);
        });
    } else {
        if (result.function_error.empty()) chunk(result.payload);
        complete(result.function_error, result.function_error.empty() ? std::string_view() : result.payload,
                 result.log_tail);
    }
    return events;
}

bool names_object(const engine::Code_Source& code) {
    return !code.zip && !code.s3_bucket.empty() && !code.s3_key.empty();
}

// The worker's result for a request that contains code.
template <class Params>
struct Code_Job {
    Lambda_Api::Call call;
    Result<Params> params = Params{};
};

// Runs on a worker, because it decodes, checks and fsyncs zips of up to 50 MB.
template <class Params>
Result<Params> read_code_request(wire::Body& body, store::Blobs& blobs, Result<Params> (*parse)(const Json&),
                                 std::string_view part) {
    auto bytes = wire::take_bytes(body);
    if (!bytes) return bytes.error();
    const auto request = Body_With_Zip::parse(*bytes);
    if (!request) return request.error();
    auto params = parse(request->json());
    if (!params) return params;

    Fields fields(request->json());
    const auto zip = request->zip_of(part.empty() ? request->json() : fields.object(std::string(part).c_str()));
    if (!zip) return zip.error();
    if (!*zip) return params;
    params->code.zip = engine::store_zip(blobs, **zip);
    return params;
}

/// The maximum time that a response waits for a change in progress.
constexpr std::chrono::seconds preferred_wait_max{20};

/// `Prefer: wait=<seconds>`: https://www.rfc-editor.org/rfc/rfc7240#section-4.3
std::optional<std::chrono::seconds> preferred_wait(const wire::Headers& headers) {
    constexpr std::string_view wait = "wait=";
    const std::string_view preferred = headers["Prefer"];
    if (!preferred.starts_with(wait)) return std::nullopt;
    const auto seconds = base::parse_number<unsigned>(preferred.substr(wait.size()));
    if (!seconds) return std::nullopt;
    return std::min(std::chrono::seconds(*seconds), preferred_wait_max);
}

wire::Response response_of(const Operation& operation, engine::Functions& functions, const Lambda_Api::Call& call) {
    const Result<Json> result = operation.run(functions, call);
    return result ? json_response(*result, operation.status) : error_response(result.error());
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// ---- CORS of function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors ----

std::string joined(const Json& cors, const char* name) {
    std::string text;
    if (!cors.contains(name)) return text;
    for (const Json& item : cors.at(name)) text.append(text.empty() ? "" : ",").append(item.get<std::string>());
    return text;
}

void add_cors(const Json& cors, std::string_view origin, bool preflight, wire::Headers& headers) {
    if (!cors.is_object() || origin.empty()) return;
    const Json origins = cors.value("AllowOrigins", Json::array());
    const bool any = std::find(origins.begin(), origins.end(), "*") != origins.end();
    if (!any && std::find(origins.begin(), origins.end(), origin) == origins.end()) return;
    const bool credentials = cors.contains("AllowCredentials") && cors.at("AllowCredentials") == true;
    headers.set("Access-Control-Allow-Origin", any && !credentials ? "*" : std::string(origin));
    headers.set("Vary", "Origin");
    if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
    if (const std::string exposed = joined(cors, "ExposeHeaders"); !exposed.empty())
        headers.set("Access-Control-Expose-Headers", exposed);
    if (!preflight) return;
    if (const std::string methods = joined(cors, "AllowMethods"); !methods.empty())
        headers.set("Access-Control-Allow-Methods", methods);
    if (const std::string allowed = joined(cors, "AllowHeaders"); !allowed.empty())
        headers.set("Access-Control-Allow-Headers", allowed);
    if (cors.contains("MaxAge") && cors.at("MaxAge").is_number())
        headers.set("Access-Control-Max-Age", base::dump_json(cors.at("MaxAge")));
}

// The service's words, as quoted in https://github.com/awsdocs/aws-lambda-developer-guide/issues/494
constexpr const char* url_forbidden =
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

wire::Response forbidden(const Error& why = {"AccessDeniedException", url_forbidden, 403}) {
    wire::Response response{.status = 403, .headers = {{"Content-Type", "application/json"}}, .body = {}};
    response.headers.add("x-amzn-ErrorType", why.code);
    response.body.bytes = base::dump_json_lossy(Json{{"Message", why.message}});
    return response;
}

bool is_signed(const wire::Request& request) {
    return request.headers["Authorization"].starts_with("AWS4-HMAC-SHA256") ||
           request.query().find("X-Amz-Signature=") != std::string_view::npos;
}

/// Checks the signature for AuthType AWS_IAM. Keys that this engine did not create are accepted, because their secrets
/// are unknown.
Result<void> check_signature(const wire::Request& request, const engine::Context& context) {
    if (!is_signed(request)) return Error{"AccessDeniedException", url_forbidden, 403};
    const auto signer = wire::verify(
        request, "lambda", [&](std::string_view key) { return context.keys.known_secret(key); }, context.now());
    if (signer || signer.error().code == "UnrecognizedClientException") return {};
    return signer.error();
}

struct Invoke_Route {
    std::string_view function;  ///< the FunctionName of the path, still percent-encoded
    bool streaming = false;     ///< InvokeWithResponseStream
};

/// Returns the function that a request invokes, or nullopt for other operations.
std::optional<Invoke_Route> invoke_route(const wire::Request& request) {
    if (request.method != "POST") return std::nullopt;
    for (const auto& [prefix, suffix, streaming] :
         {std::tuple<std::string_view, std::string_view, bool>{"/2015-03-31/functions/", "/invocations", false},
          {"/2021-11-15/functions/", "/response-streaming-invocations", true}}) {
        std::string_view path = request.path();
        if (!path.starts_with(prefix)) continue;
        path.remove_prefix(prefix.size());
        const std::string_view name = path.substr(0, path.find('/'));
        if (path.substr(name.size()) == suffix) return Invoke_Route{name, streaming};
    }
    return std::nullopt;
}

bool is_event(const wire::Request& request) { return request.headers["X-Amz-Invocation-Type"] == "Event"; }

}  // namespace

std::string Lambda_Api::Call::parameter(std::string_view name) const {
    return wire::query_value(query, name).value_or("");
}

std::optional<std::int64_t> Lambda_Api::Call::number(std::string_view name) const {
    const std::string text = parameter(name);
    std::int64_t value = 0;
    if (text.empty()) return std::nullopt;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Lambda_Api::Lambda_Api(engine::Context& context, engine::Functions& functions, engine::Invocations& invocations,
                       engine::Event_Sources& event_sources, engine::Object_Lookup objects)
    : context_(context),
      functions_(functions),
      invocations_(invocations),
      event_sources_(event_sources),
      objects_(std::move(objects)),
      link_secret_(base::random_bytes(32)) {}

bool Lambda_Api::is_invoke(const wire::Request& request) { return invoke_route(request).has_value(); }

bool Lambda_Api::is_synchronous_invoke(const wire::Request& request) {
    const auto route = invoke_route(request);
    return route && (route->streaming || !is_event(request));
}

void Lambda_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    if (const auto route = invoke_route(request)) {
        const std::string name = wire::percent_decode(route->function);
        return invoke(account, std::move(request), name, route->streaming, std::move(reply));
    }
    if (request.path().starts_with(code_path)) return reply(download(request));

    Call call{.account = account, .request = std::move(request), .labels = {}, .query = {}, .body = {}};
    call.query = wire::parse_query(call.request.query());
    const Operation* operation = find_operation(call.request.method, call.request.path(), call.labels);
    if (!operation) {
        return reply(error_response(
            wire::not_implemented("lambda", fmt::format("{} {}", call.request.method, call.request.path()))));
    }
    call.event_sources = &event_sources_;
    call.link = [this](std::string_view zip_sha256) { return code_link(zip_sha256); };
    if (run_with_zip(operation->name, call, reply) || run_when_settled(*operation, call, reply)) return;
    if (!operation->run) return reply(error_response(wire::not_implemented("lambda", operation->name)));
    if (!operation->takes_body) return reply(response_of(*operation, functions_, call));
    auto bytes = wire::take_bytes(call.request.body);
    if (!bytes) return reply(error_response(bytes.error()));
    parse_json_object(context_.loop, std::move(*bytes),
                      [this, operation, call = std::move(call), reply = std::move(reply)](Result<Json> body) mutable {
                          if (!body) return reply(error_response(body.error()));
                          call.body = std::move(*body);
                          reply(response_of(*operation, functions_, call));
                      });
}

// ---- code -----------------------------------------------------------------------------------------------------------

/// Decodes, checks and stores the zip, or the S3 object that contains it, on a worker. Then runs the operation on the
/// loop.
template <class Params, class Run>
void Lambda_Api::with_zip(Call&& call, Reply reply, Result<Params> (*parse)(const Json&), const char* part, Run run) {
    auto job = std::make_shared<Code_Job<Params>>();
    job->call = std::move(call);
    auto finish = [job, reply = std::move(reply), run = std::move(run)] {
        if (!job->params) return reply(error_response(job->params.error()));
        Result<wire::Response> response = run(job->call, *job->params);
        reply(response ? std::move(*response) : error_response(response.error()));
    };
    context_.loop.run_blocking(
        [job, parse, part, &blobs = context_.store.blobs()] {
            job->params = read_code_request(job->call.request.body, blobs, parse, part);
        },
        [this, job, finish = std::move(finish)] {
            if (!job->params || !names_object(job->params->code)) return finish();
            auto& code = job->params->code;
            context_.loop.run_blocking(
                [job, &code, &blobs = context_.store.blobs(),
                 object = objects_(job->call.account, code.s3_bucket, code.s3_key)] {
                    code.zip = engine::zip_of_object(blobs, object);
                },
                finish);
        });
}

/// Runs an operation whose request contains a zip. Returns false for other operations.
bool Lambda_Api::run_with_zip(std::string_view operation, Call& call, Reply& reply) {
    using Response_Result = Result<wire::Response>;
    if (operation == "CreateFunction") {
        with_zip(std::move(call), std::move(reply), &parse_create_function, "Code",
                 [this](const Call& code_call, const engine::Create_Function& params) -> Response_Result {
                     const auto created = functions_.create(code_call.account, params);
                     if (!created) return created.error();
                     return json_response(configuration_json(**created), 201);
                 });
    } else if (operation == "UpdateFunctionCode") {
        with_zip(std::move(call), std::move(reply), &parse_update_function_code, "",
                 [this](const Call& code_call, engine::Update_Function_Code& params) -> Response_Result {
                     params.name = code_call.labels[0];
                     const auto updated = functions_.update_code(code_call.account, params);
                     if (!updated) return updated.error();
                     return json_response(configuration_json(**updated));
                 });
    } else if (operation == "PublishLayerVersion") {
        with_zip(std::move(call), std::move(reply), &parse_publish_layer, "Content",
                 [this](const Call& code_call, engine::Publish_Layer& params) -> Response_Result {
                     params.name = code_call.labels[0];
                     const auto version = functions_.layers().publish(code_call.account, params);
                     if (!version) return version.error();
                     return json_response(layer_with_content(**version, code_call), 201);
                 });
    } else {
        return false;
    }
    return true;
}

/// Handles GetFunctionConfiguration with a `Prefer: wait` header: the response is delayed until a change in progress is
/// complete, so that clients need not poll. AWS does not support this header. Returns false for other requests.
bool Lambda_Api::run_when_settled(const Operation& operation, Call& call, Reply& reply) {
    const auto wait = preferred_wait(call.request.headers);
    if (!wait || operation.name != "GetFunctionConfiguration") return false;
    struct Pending_Call {
        Call call;
        Reply reply;
        base::Subscription_Ptr timeout;
    };
    const auto pending = std::make_shared<Pending_Call>(Pending_Call{std::move(call), std::move(reply), nullptr});
    const auto respond = [this, &operation](Pending_Call& pending_call) {
        if (!pending_call.reply) return;
        const Reply send = std::exchange(pending_call.reply, nullptr);
        pending_call.timeout.reset();
        wire::Response response = response_of(operation, functions_, pending_call.call);
        response.headers.add("Preference-Applied", "wait");
        send(std::move(response));
    };
    pending->timeout = context_.loop.after(*wait, [respond, weak = std::weak_ptr(pending)] {
        if (const auto pending_call = weak.lock()) respond(*pending_call);
    });
    functions_.when_settled(pending->call.account, pending->call.labels[0], [respond, pending] { respond(*pending); });
    return true;
}

// The token is <expiry>-<sha256>-<signature>: it needs no stored state and cannot be guessed.
std::string Lambda_Api::code_link(std::string_view zip_sha256) const {
    const auto expiry = base::unix_ms(context_.now() + link_lifetime);
    const std::string signed_text = fmt::format("{}-{}", expiry, zip_sha256);
    return fmt::format("{}{}{}-{}", context_.endpoint_url, code_path, signed_text,
                       base::hex_encode(base::hmac_sha256_raw(link_secret_, signed_text)));
}

wire::Response Lambda_Api::download(const wire::Request& request) const {
    const std::string_view token = last_part(request.path());
    const auto end = token.rfind('-'), middle = token.find('-');
    const Error refused{"AccessDeniedException", "the link is invalid or has expired: call GetFunction for a new link",
                        403};
    if (end == std::string_view::npos || end == middle) return error_response(refused);
    const std::string_view signed_text = token.substr(0, end);
    std::int64_t expiry = 0;
    std::from_chars(signed_text.data(), signed_text.data() + middle, expiry);
    const std::string signature = base::hex_encode(base::hmac_sha256_raw(link_secret_, signed_text));
    if (!base::equal_constant_time(signature, token.substr(end + 1)) || base::from_unix_ms(expiry) < context_.now())
        return error_response(refused);

    const std::string sha256(signed_text.substr(middle + 1));
    const auto zip = context_.store.blobs().find(sha256);
    if (!zip) return error_response({"ResourceNotFoundException", "this code no longer exists", 404});
    wire::Response response{.status = 200, .headers = {{"Content-Type", "application/zip"}}, .body = {}};
    response.body = blob_body(context_.store.blobs(), zip, 0, zip->size());
    return response;
}

// ---- invoke ---------------------------------------------------------------------------------------------------------

void Lambda_Api::invoke(const engine::Account& account, wire::Request request, std::string_view name, bool streaming,
                        Reply reply) {
    const std::string_view type = request.headers["X-Amz-Invocation-Type"];
    const bool event = is_event(request), dry_run = type == "DryRun";
    if ((!event || streaming) && !dry_run && !type.empty() && type != "RequestResponse") {
        return reply(error_response(
            {"ValidationException",
             fmt::format("1 validation error detected: Value '{}' at 'invocationType' failed to satisfy constraint: "
                         "Member must satisfy enum value set: {}",
                         type, streaming ? "[RequestResponse, DryRun]" : "[Event, RequestResponse, DryRun]")}));
    }
    if (request.body.size() > payload_bytes_max) {
        return reply(error_response(
            {"RequestEntityTooLargeException",
             fmt::format("Request must be smaller than {} bytes for the InvokeFunction operation", payload_bytes_max),
             413}));
    }
    if (event && request.body.size() > event_bytes_max) {
        return reply(
            error_response({"RequestEntityTooLargeException",
                            fmt::format("{} byte payload is too large for the Event invocation type (limit {} bytes)",
                                        request.body.size(), event_bytes_max),
                            413}));
    }
    std::string qualifier;
    if (const auto query = request.query(); !query.empty())
        qualifier = wire::query_value(wire::parse_query(query), "Qualifier").value_or("");
    auto target = functions_.invocable(account, name, qualifier);
    if (!target) return reply(error_response(target.error()));

    auto payload = wire::take_bytes(request.body);
    if (!payload) return reply(error_response(payload.error()));
    if (!payload->empty()) {
        if (const auto fault = wire::json_fault(*payload)) {
            return reply(error_response(
                {"InvalidRequestContentException",
                 "Could not parse request body into json: Could not parse payload into json: " + *fault}));
        }
    }
    if (dry_run) return reply(json_response(nullptr, 204));

    engine::Invoke_Request params;
    params.invoked_arn = engine::qualified_arn(*target->function, target->qualifier);
    params.function = std::move(target->function);
    params.payload = std::move(*payload);
    params.trace_id = request.headers["X-Amzn-Trace-Id"];
    params.log_tail = request.headers["X-Amz-Log-Type"] == "Tail";
    params.streaming = streaming;
    if (const auto context = request.headers["X-Amz-Client-Context"]; !context.empty()) {
        auto decoded = base::base64_decode(context);
        if (!decoded || !base::is_utf8(*decoded) || wire::json_fault(*decoded)) {
            return reply(error_response(
                {"InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."}));
        }
        params.client_context = std::move(*decoded);
    }
    if (event) {
        wire::Response accepted{.status = 202, .headers = {}, .body = {}};
        accepted.headers.add("x-amzn-RequestId", invocations_.enqueue(std::move(params)));
        return reply(std::move(accepted));
    }
    const bool tail = params.log_tail;
    const engine::Function_Ptr function = params.function;
    invocations_.invoke(std::move(params), [reply = std::move(reply), function, &invocations = invocations_, tail,
                                            streaming](Result<engine::Invoke_Result> result) mutable {
        if (!result) return reply(invoke_error_response(result.error(), invocations.reservation_is_used(*function)));
        wire::Response response{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = {}};
        response.headers.add("x-amzn-RequestId", std::move(result->request_id));
        response.headers.add("X-Amz-Executed-Version", function->version);
        if (streaming) {
            response.headers.set("Content-Type", "application/vnd.amazon.eventstream");
            response.body.stream = event_stream(*result, tail);
            return reply(std::move(response));
        }
        if (!result->function_error.empty())
            response.headers.add("X-Amz-Function-Error", std::move(result->function_error));
        if (tail) response.headers.add("X-Amz-Log-Result", base::base64_encode(result->log_tail));
        response.body.bytes = std::move(result->payload);
        reply(std::move(response));
    });
}

// ---- function URLs --------------------------------------------------------------------------------------------------

bool Lambda_Api::is_function_url(std::string_view host) { return !wire::parse_function_url_host(host).id.empty(); }

void Lambda_Api::handle_function_url(wire::Request request, Reply reply) {
    const auto host = wire::parse_function_url_host(request.headers["Host"]);
    auto target = functions_.url_target(host.id);
    if (!target) return reply(target.error().http_status == 404 ? forbidden() : wire::function_url_bad_gateway());

    const Json cors = target->url->cors;
    const std::string origin(request.headers["Origin"]);
    if (cors.is_object() && request.method == "OPTIONS" && request.headers.find("Access-Control-Request-Method")) {
        wire::Response preflight{.status = 200, .headers = {}, .body = {}};
        add_cors(cors, origin, true, preflight.headers);
        return reply(std::move(preflight));
    }
    const bool open = target->url->auth_type == "NONE";
    if (open && !target->public_allowed) return reply(forbidden());
    if (!open) {
        if (const auto allowed = check_signature(request, context_); !allowed) return reply(forbidden(allowed.error()));
    }
    if (request.body.size() > payload_bytes_max) {
        wire::Response refused{.status = 413, .headers = {{"Content-Type", "application/json"}}, .body = {}};
        refused.body.bytes = R"({"Message":"Request Entity Too Large"})";
        return reply(std::move(refused));
    }
    auto bytes = wire::take_bytes(request.body);
    if (!bytes) return reply(wire::function_url_bad_gateway());
    request.body = {.bytes = std::move(*bytes), .file = {}, .file_offset = 0, .file_size = 0};

    engine::Invoke_Request params;
    params.invoked_arn = engine::qualified_arn(*target->function, target->url->qualifier);
    params.payload = wire::function_url_event(request, {.host = host,
                                                        .request_id = base::uuid4(),
                                                        .account_id = open ? "anonymous" : target->function->account.id,
                                                        .time = context_.now()});
    params.trace_id = request.headers["X-Amzn-Trace-Id"];
    params.streaming = target->url->invoke_mode == "RESPONSE_STREAM";
    params.function = std::move(target->function);
    invocations_.invoke(std::move(params), [reply = std::move(reply), cors,
                                            origin](Result<engine::Invoke_Result> result) {
        if (!result) {
            wire::Response failed = wire::function_url_bad_gateway();
            if (result.error().http_status == 429)
                failed.status = 429, failed.body.bytes = R"({"Message":"Rate Exceeded."})";
            return reply(std::move(failed));
        }
        if (result->stream) {
            return wire::function_url_stream(result->stream, result->content_type,
                                             [reply, cors, origin, id = result->request_id](wire::Response response) {
                                                 response.headers.set("x-amzn-RequestId", id);
                                                 add_cors(cors, origin, false, response.headers);
                                                 reply(std::move(response));
                                             });
        }
        wire::Response response = result->function_error.empty()
                                      ? wire::function_url_response(std::move(result->payload))
                                      : wire::function_url_bad_gateway();
        response.headers.set("x-amzn-RequestId", result->request_id);
        add_cors(cors, origin, false, response.headers);
        reply(std::move(response));
    });
}

}  // namespace osbot_aws::server
