#pragma once

#include <string>
#include <vector>

#include "engine/context.hpp"

namespace osbot_aws::engine {

/// CloudWatch Logs: groups, streams, events. Loop thread only.
class Logs {
public:
    explicit Logs(Context& context) : context_(context) {}

    /// What functions write: makes group and stream when missing. Message without the end of line.
    void append(const Account& account, const std::string& group, const std::string& stream,
                std::vector<store::Log_Event> events);

    // The API's operations (DescribeLogGroups, GetLogEvents ...) follow here.

private:
    Context& context_;
};

}  // namespace osbot_aws::engine
