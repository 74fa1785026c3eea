#include "server/operations.hpp"

#include <fmt/format.h>

#include <memory>

#include "aws/input.hpp"
#include "aws/output.hpp"
#include "aws/validation.hpp"
#include "base/random.hpp"

namespace osbot_aws::server {
namespace {

/// A larger request is parsed on a worker: 100 MB take seconds.
constexpr std::size_t parsed_on_loop_bytes_max = 256 * 1024;

/// Reads and checks the input of an operation.
Result<Json> valid_input(const aws::Service& model, const aws::Route& route, const wire::Request& request) {
    auto input = aws::read_input(model, route, request);
    if (!input) return input;
    if (auto error = aws::validate(model, *route.operation, *input)) return *error;
    return input;
}

/// The error of an action that the service does not have.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
Error unknown_operation(const aws::Service& model, const wire::Request& request) {
    const std::string name = aws::requested_operation(model, request);
    if (model.protocol != aws::Protocol::query) return aws::not_implemented(model, name);
    if (name.empty()) return {"MissingAction", "The request must contain the parameter Action", 400};
    return {"InvalidAction", fmt::format("Could not find operation {} for version {}", name, model.version), 400};
}

}  // namespace

const Operations::Run* Operations::find(std::string_view name) const {
    const auto found = runs_.find(name);
    return found == runs_.end() ? nullptr : &found->second;
}

/// A request on its way to its operation.
struct Model_Api::Job {
    aws::Route route;
    const Operations::Run* operation;
    Call call;
    Reply reply;
};

void Model_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    std::string request_id = base::uuid4();
    aws::Route route = aws::find_route(model_, request);
    if (route.operation == nullptr)
        return reply(aws::write_error(model_, unknown_operation(model_, request), request_id));
    const Operations::Run* operation = operations_.find(route.operation->name);
    if (operation == nullptr)
        return reply(aws::write_error(model_, aws::not_implemented(model_, route.operation->name), request_id));

    Job job{
        std::move(route), operation, {account, Json(), std::move(request), std::move(request_id)}, std::move(reply)};
    if (job.call.request.body.bytes.size() <= parsed_on_loop_bytes_max) {
        auto input = valid_input(model_, job.route, job.call.request);
        return run(std::move(job), std::move(input));
    }
    const auto large = std::make_shared<std::pair<Job, Result<Json>>>(std::move(job), Json());
    loop_.run_blocking(
        [large, this] { large->second = valid_input(model_, large->first.route, large->first.call.request); },
        [large, this] { run(std::move(large->first), std::move(large->second)); });
}

void Model_Api::run(Job job, Result<Json> input) {
    const auto answer = [this, operation = job.route.operation, id = job.call.request_id,
                         reply = std::move(job.reply)](Result<Output> output) {
        if (!output) return reply(aws::write_error(model_, output.error(), id));
        wire::Response response = aws::write_output(model_, *operation, output->members, id);
        if (output->payload.stream) response.headers.set("Content-Type", "application/vnd.amazon.eventstream");
        if (output->payload.size() > 0 || output->payload.stream) response.body = std::move(output->payload);
        reply(std::move(response));
    };
    if (!input) return answer(input.error());
    job.call.input = std::move(*input);
    (*job.operation)(std::move(job.call), answer);
}

}  // namespace osbot_aws::server
