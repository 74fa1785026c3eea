// Requests of the JSON protocols: 1.0 of SQS and 1.1 of CloudWatch Logs.
#include "base/json.hpp"
#include "model_input.hpp"

using namespace osbot_aws;

namespace {

/// An input written as a document is read unchanged.
void check_round_trip(const aws::Service& service, wire::Request request, const Json& input) {
    request.body = base::dump_json(input);
    const auto again = aws::read_input(service, aws::find_route(service, request), request);
    require(again.has_value() && *again == input);
}

}  // namespace

std::vector<std::string> seeds() {
    auto all = fuzz::contract_blocks_of(aws::sqs_model());
    for (std::string& block : fuzz::contract_blocks_of(aws::logs_model())) all.push_back(std::move(block));
    all.push_back("POST /#AmazonSQS.SendMessage {\"MessageAttributes\": " + nested(1100, "{\"a\":", "}", "1") + "}");
    return all;
}

void run_target(std::string_view bytes) {
    for (const fuzz::Step& step : fuzz::parse_steps(bytes))
        for (const aws::Service* service : {&aws::sqs_model(), &aws::logs_model()})
            if (const auto input = fuzz::read_request(*service, step.request))
                check_round_trip(*service, step.request, *input);
}
