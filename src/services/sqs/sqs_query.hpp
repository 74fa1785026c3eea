#pragma once

#include "services/operations.hpp"
#include "services/sqs/sqs_api.hpp"

namespace osbot_aws::services {

/// SQS in the Query protocol, which SDKs used until 2023. A request may also be sent to the URL of a queue.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
class Sqs_Query_Api final : public Model_Api {
public:
    Sqs_Query_Api(base::Loop& loop, Sqs_Front& front);

protected:
    Result<void> check_request(const aws::Route& route, Call& call) override;
    wire::Response error_response(const aws::Route& route, const Error& error, const aws::Error_Details& details,
                                  std::string_view request_id) override;
};

}  // namespace osbot_aws::services
