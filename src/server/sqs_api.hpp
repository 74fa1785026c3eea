#pragma once

#include <list>

#include <osbot_aws/core/Json.hpp>

#include "engine/sqs/sqs.hpp"
#include "server/service_api.hpp"

namespace osbot_aws::server {

/// SQS: JSON 1.0, the operation in `X-Amz-Target`. Loop thread only.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
class Sqs_Api final : public Service_Api {
public:
    Sqs_Api(engine::Context& context, engine::Sqs& sqs);
    ~Sqs_Api() override;
    void handle(const engine::Account& account, wire::Request request, Reply reply) override;

private:
    struct Long_Poll;
    using Long_Polls = std::list<Long_Poll>;

    void run(const std::string& name, const engine::Account& account, const Json& body, const Reply& reply);
    void receive(const engine::Account& account, const Json& body, Reply reply);
    void retry_receive(Long_Polls::iterator poll, bool last);

    engine::Context& context_;
    engine::Sqs& sqs_;
    Long_Polls long_polls_;
};

}  // namespace osbot_aws::server
