#pragma once

#include "engine/sts/sts.hpp"
#include "server/service_api.hpp"

namespace osbot_aws::server {

/// STS: the Query protocol, a form in, XML out.
class Sts_Api final : public Service_Api {
public:
    static constexpr const char* xmlns = "https://sts.amazonaws.com/doc/2011-06-15/";

    explicit Sts_Api(engine::Sts& sts) : sts_(sts) {}
    void handle(const engine::Account& account, wire::Request request, Reply reply) override;

private:
    engine::Sts& sts_;
};

}  // namespace osbot_aws::server
