#pragma once

#include "engine/s3/s3.hpp"
#include "server/operations.hpp"
#include "server/s3_signature.hpp"

namespace osbot_aws::server {

/// S3: REST-XML, with buckets in the path or in the host name. The operations are in s3_operations.hpp.
class S3_Api final : public Model_Api {
public:
    S3_Api(engine::Context& context, engine::S3& s3);

private:
    Result<void> check_request(const aws::Route& route, Call& call) override;
    Result<void> check_input(const aws::Route& route, const Call& call) override;
    wire::Response error_response(const aws::Route& route, const Error& error, const aws::Error_Details& details,
                                  std::string_view request_id) override;

    engine::Context& context_;
};

}  // namespace osbot_aws::server
