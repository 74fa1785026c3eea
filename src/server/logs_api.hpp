#pragma once

#include "engine/logs/logs.hpp"
#include "server/service_api.hpp"

namespace osbot_aws::server {

/// CloudWatch Logs: JSON 1.1, the operation in `X-Amz-Target`.
class Logs_Api final : public Service_Api {
public:
    Logs_Api(engine::Context& context, engine::Logs& logs) : context_(context), logs_(logs) {}
    void handle(const engine::Account& account, wire::Request request, Reply reply) override;

private:
    engine::Context& context_;
    engine::Logs& logs_;
};

}  // namespace osbot_aws::server
