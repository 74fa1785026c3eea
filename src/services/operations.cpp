#include "services/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "aws/input.hpp"
#include "aws/validation.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "services/protocol_error.hpp"

namespace osbot_aws::services {
namespace {

/// A larger request is parsed on a worker: 100 MB take seconds.
constexpr std::size_t parsed_on_loop_bytes_max = 256 * 1024;

/// The error of an action that the service does not have.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
Error unknown_operation(const aws::Service& model, const wire::Request& request) {
    const std::string name = aws::requested_operation(model, request);
    if (model.protocol != aws::Protocol::query) return aws::not_implemented(model, name);
    if (name.empty()) return {"MissingAction", "The request must contain the parameter Action", 400};
    return {"InvalidAction", fmt::format("Could not find operation {} for version {}", name, model.version), 400};
}

/// Runs a part of a request. An exception that the code should have prevented becomes an error of the service, so that
/// the client gets a response.
template <class Run>
std::optional<Error> caught(const char* service, std::string_view operation, Run run) {
    try {
        return run();
    } catch (const Aws_Exception& unreadable) {
        return unreadable.error();  // thrown by Store::find_logs()
    } catch (const std::exception& unexpected) {
        base::log_error("{} {} failed: {}", service, operation, unexpected.what());
        return Error{"ServiceException", "The log of the engine has the reason."};
    }
}

/// Returns a function of which only the first call has an effect: an operation may fail after it has passed it on.
Reply once(Reply reply) {
    return [shared = std::make_shared<Reply>(std::move(reply))](wire::Response response) {
        if (const Reply first = std::exchange(*shared, nullptr)) first(std::move(response));
    };
}

void run_raw(const aws::Service& model, const Operations::Implementation& implementation, Service_Request sent,
             const Reply& reply) {
    const auto failure = caught(model.name, sent.route.operation->name, [&]() -> std::optional<Error> {
        implementation.run_raw(std::move(sent), reply);
        return std::nullopt;
    });
    if (failure) reply(aws::write_error(model, error_of_service(model.name, *failure), base::uuid4()));
}

}  // namespace

const Operations::Implementation* Operations::find(std::string_view name) const {
    const auto found = all_.find(name);
    return found == all_.end() ? nullptr : &found->second;
}

const Operations::Rejected* Operations::rejected_member(std::string_view operation, const Json& input) const {
    const auto found = std::ranges::find_if(rejected_, [&](const Rejected& each) {
        return each.operation == operation && input.contains(std::string(each.member));
    });
    return found == rejected_.end() ? nullptr : &*found;
}

/// A request on its way to its operation.
struct Model_Api::Job {
    std::shared_ptr<const aws::Route> route;
    Call call;
    Reply reply;
    const Operations::Implementation* operation = nullptr;
};

wire::Response Model_Api::error_response(const aws::Route&, const Error& error, const aws::Error_Details& details,
                                         std::string_view request_id) {
    return aws::write_error(model_, error_of_service(model_.name, error), request_id, details);
}

void Model_Api::handle(Service_Request sent, Reply reply) {
    const aws::Operation* operation = sent.route.operation;
    const Operations::Implementation* implementation = find(sent.route);
    reply = once(std::move(reply));
    if (implementation != nullptr && implementation->run_raw) {
        if (authorizer_ != nullptr)
            if (const auto allowed = authorize_raw(sent); !allowed)
                return reply(aws::write_error(model_, allowed.error(), base::uuid4()));
        return run_raw(model_, *implementation, std::move(sent), reply);
    }

    const bool is_s3 = model_.protocol == aws::Protocol::rest_xml;
    Job job{.route = std::make_shared<aws::Route>(std::move(sent.route)),
            .call = {std::move(sent.account), Json(), std::move(sent.request),
                     is_s3 ? base::random_hex(16) : base::uuid4()},
            .reply = std::move(reply),
            .operation = implementation};
    job.call.client_closed = std::move(sent.client_closed);
    job.call.caller = std::move(sent.caller);
    if (is_s3) job.call.error_details = std::make_shared<aws::Error_Details>();
    if (auto checked = check_request(*job.route, job.call); !checked) return answer_of(job)(checked.error());
    if (operation == nullptr) return answer_of(job)(unknown_operation(model_, job.call.request));
    if (implementation == nullptr) return answer_of(job)(aws::not_implemented(model_, operation->name));
    start(std::move(job));
}

Result<void> Model_Api::authorize_raw(Service_Request& sent) const {
    OSBOT_TRY(auto input, aws::read_input(model_, sent.route, sent.request));
    Call call{.account = sent.account, .input = std::move(input), .request = std::move(sent.request), .request_id = ""};
    call.caller = sent.caller;
    const auto allowed = authorizer_->authorize(model_, *sent.route.operation, call);
    sent.request = std::move(call.request);
    return allowed;
}

void Model_Api::start(Job job) {
    const bool is_small = job.call.request.body.size() <= parsed_on_loop_bytes_max;
    if (is_small || aws::streams_input(model_, *job.route->operation)) {
        const auto invalid = read_input(job);
        return run(std::move(job), invalid);
    }
    const auto large = std::make_shared<std::pair<Job, std::optional<Error>>>(std::move(job), std::nullopt);
    loop_.run_blocking([large, this] { large->second = read_input(large->first); },
                       [large, this] { run(std::move(large->first), large->second); });
}

std::optional<Error> Model_Api::read_input(Job& job) const {
    const std::string_view name = job.route->operation->name;
    return caught(model_.name, name, [&]() -> std::optional<Error> {
        Call& call = job.call;
        if (job.operation->takes_blob) {
            OSBOT_TRY(auto parts, aws::read_input_with_blob(model_, *job.route, call.request));
            call.input = std::move(parts.input);
            call.blob = std::move(parts.blob);
            call.request.body = {};
        } else {
            OSBOT_TRY(call.input, aws::read_input(model_, *job.route, call.request, call.error_details.get()));
        }
        if (auto error = aws::validate(model_, *job.route->operation, call.input)) return error;
        if (const Operations::Rejected* rejected = operations_.rejected_member(name, call.input))
            return aws::not_implemented(model_, fmt::format("{} with {}", name, rejected->member));
        return std::nullopt;
    });
}

void Model_Api::run(Job job, const std::optional<Error>& invalid) {
    const Answer answer = answer_of(job);
    if (invalid) return answer(*invalid);
    const auto failure = caught(model_.name, job.route->operation->name, [&]() -> std::optional<Error> {
        if (authorizer_ != nullptr)
            if (auto allowed = authorizer_->authorize(model_, *job.route->operation, job.call); !allowed)
                return allowed.error();
        if (auto checked = check_input(*job.route, job.call); !checked) return checked.error();
        job.operation->run(std::move(job.call), answer);
        return std::nullopt;
    });
    if (failure) answer(*failure);
}

/// Returns the function that writes the response of a request.
Answer Model_Api::answer_of(const Job& job) {
    return [this, route = job.route, id = job.call.request_id, details = job.call.error_details,
            is_head = job.call.request.method == "HEAD", reply = job.reply](Result<Output> output) {
        if (!output) {
            auto error = error_response(*route, output.error(), details ? *details : aws::Error_Details(), id);
            if (is_head) error.body = {};
            return reply(std::move(error));
        }
        wire::Response response = aws::write_output(model_, *route->operation, output->members, id, output->lists);
        if (output->status != 0) response.status = output->status;
        if (output->payload.stream() && !aws::streams_output(model_, *route->operation))
            response.headers.set("Content-Type", "application/vnd.amazon.eventstream");
        if (output->payload.size() > 0 || output->payload.stream()) response.body = std::move(output->payload);
        for (const auto& [name, value] : output->headers) response.headers.add(name, value);
        reply(std::move(response));
    };
}

}  // namespace osbot_aws::services
