#include "server/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "aws/input.hpp"
#include "aws/output.hpp"
#include "aws/validation.hpp"
#include "base/random.hpp"

namespace osbot_aws::server {
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
    aws::Route route;
    const Operations::Implementation* operation;
    Call call;
    Reply reply;
};

void Model_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    std::string request_id = base::uuid4();
    aws::Route route = aws::find_route(model_, request);
    if (route.operation == nullptr)
        return reply(aws::write_error(model_, unknown_operation(model_, request), request_id));
    const Operations::Implementation* operation = operations_.find(route.operation->name);
    if (operation == nullptr)
        return reply(aws::write_error(model_, aws::not_implemented(model_, route.operation->name), request_id));

    Job job{
        std::move(route), operation, {account, Json(), std::move(request), std::move(request_id)}, std::move(reply)};
    if (job.call.request.body.bytes.size() <= parsed_on_loop_bytes_max) {
        const auto invalid = read_input(job);
        return run(std::move(job), invalid);
    }
    const auto large = std::make_shared<std::pair<Job, std::optional<Error>>>(std::move(job), std::nullopt);
    loop_.run_blocking([large, this] { large->second = read_input(large->first); },
                       [large, this] { run(std::move(large->first), large->second); });
}

std::optional<Error> Model_Api::read_input(Job& job) const {
    Call& call = job.call;
    if (job.operation->takes_blob) {
        auto parts = aws::read_input_with_blob(model_, job.route, call.request);
        if (!parts) return parts.error();
        call.input = std::move(parts->input);
        call.blob = std::move(parts->blob);
        call.request.body = {};
    } else {
        auto input = aws::read_input(model_, job.route, call.request);
        if (!input) return input.error();
        call.input = std::move(*input);
    }
    if (auto error = aws::validate(model_, *job.route.operation, call.input)) return error;
    const std::string_view name = job.route.operation->name;
    if (const Operations::Rejected* rejected = operations_.rejected_member(name, call.input))
        return aws::not_implemented(model_, fmt::format("{} with {}", name, rejected->member));
    return std::nullopt;
}

void Model_Api::run(Job job, const std::optional<Error>& invalid) {
    const auto answer = [this, operation = job.route.operation, id = job.call.request_id,
                         reply = std::move(job.reply)](Result<Output> output) {
        if (!output) return reply(aws::write_error(model_, output.error(), id));
        wire::Response response = aws::write_output(model_, *operation, output->members, id);
        if (output->payload.stream) response.headers.set("Content-Type", "application/vnd.amazon.eventstream");
        if (output->payload.size() > 0 || output->payload.stream) response.body = std::move(output->payload);
        for (const auto& [name, value] : output->headers) response.headers.add(name, value);
        reply(std::move(response));
    };
    if (invalid) return answer(*invalid);
    job.operation->run(std::move(job.call), answer);
}

}  // namespace osbot_aws::server
