#include "services/sqs/sqs_query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/models/models.hpp"
#include "aws/sqs_query_model.hpp"
#include "services/sqs/queue_names.hpp"

namespace osbot_aws::services {
namespace {

/// Operations that have no queue, or name it otherwise, so the URL of a queue does not take them.
/// Source: localstack, tests/aws/services/sqs/test_sqs.py, test_get_create_queue_fails, test_get_list_queues_fails
constexpr std::string_view operations_without_queue[] = {"CreateQueue", "ListQueues"};
constexpr std::string_view no_action = "UnknownOperationException";

Error invalid_action(std::string_view action) {
    return {"InvalidAction", fmt::format("The action {} is not valid for this endpoint.", action), 400};
}

}  // namespace

Sqs_Query_Api::Sqs_Query_Api(base::Loop& loop, Sqs_Front& front)
    : Model_Api(loop, aws::sqs_query_model(), sqs_operations(front)) {}

/// Adds the queue of the path to the parameters. One in the parameters has precedence.
Result<void> Sqs_Query_Api::check_request(const aws::Route& route, Call& call) {
    const std::string action = aws::requested_operation(model(), call.request);
    if (action.empty()) return Error{std::string(no_action), "", 404};
    if (route.operation == nullptr) return invalid_action(action);
    const std::string_view path = call.request.path();
    if (!is_queue_path(path)) return {};
    if (std::ranges::find(operations_without_queue, action) != std::end(operations_without_queue))
        return invalid_action(action);
    const std::string field = fmt::format("QueueUrl={}", path);  // the characters of a path that are valid in a query
    const bool has_query = call.request.target.find('?') != std::string::npos;
    call.request.target += (has_query ? "&" : "?") + field;
    return {};
}

wire::Response Sqs_Query_Api::error_response(const aws::Route& route, const Error& error,
                                             const aws::Error_Details& details, std::string_view request_id) {
    if (error.code != no_action) return Model_Api::error_response(route, error, details, request_id);
    return {404, {{"Content-Type", "text/xml"}}, fmt::format("<{}/>", no_action)};
}

}  // namespace osbot_aws::services
