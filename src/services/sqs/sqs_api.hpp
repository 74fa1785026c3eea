#pragma once

#include <list>

#include "services/operations.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// The state of SQS's operations: the queues, and the ReceiveMessage requests that wait. Loop thread only.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
class Sqs_Front {
public:
    Sqs_Front(Context& context, Sqs& sqs);
    ~Sqs_Front();

    /// ReceiveMessage. Answers when a message is available, or after the wait time.
    void receive(const Call& call, const Answer& answer);

    Context& context;
    Sqs& sqs;

private:
    struct Long_Poll;
    using Long_Polls = std::list<Long_Poll>;
    void retry(Long_Polls::iterator poll, bool last);

    Long_Polls long_polls_;
};

Operations sqs_operations(Sqs_Front& front);

}  // namespace osbot_aws::services
