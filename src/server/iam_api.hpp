#pragma once

#include "engine/iam/iam.hpp"
#include "server/service_api.hpp"

namespace osbot_aws::server {

/// IAM: the Query protocol, a form in, XML out.
class Iam_Api final : public Service_Api {
public:
    static constexpr const char* xmlns = "https://iam.amazonaws.com/doc/2010-05-08/";

    explicit Iam_Api(engine::Iam& iam) : iam_(iam) {}
    void handle(const engine::Account& account, wire::Request request, Reply reply) override;

private:
    engine::Iam& iam_;
};

}  // namespace osbot_aws::server
