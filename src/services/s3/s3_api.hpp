#pragma once

#include "services/access/authentication.hpp"
#include "services/operations.hpp"
#include "services/s3/forms/form_upload.hpp"
#include "services/s3/s3.hpp"
#include "services/s3/s3_signature.hpp"

namespace osbot_aws::services {

/// S3: REST-XML, with buckets in the path or in the host name. The operations are in s3_operations.hpp.
class S3_Api final : public Model_Api {
public:
    S3_Api(services::Context& context, services::S3& s3);

    /// Handles a request, also one that the model lacks: a preflight of a web page, or a form that uploads an object.
    void handle_any(Service_Request sent, Reply reply);
    /// From now on the callers of forms are determined; those of other requests are determined before.
    void set_authentication(const Authentication& authentication) { authentication_ = &authentication; }
    /// Responds to a preflight of a web page.
    wire::Response respond_to_preflight(const wire::Request& head) const;
    /// Returns true if the bucket's CORS configuration permits the request of a web page. Preflights to a bucket with
    /// such a configuration are permitted: S3 responds to them.
    bool permits_page(const wire::Request& head) const;

private:
    void handle_form(Form_Put put, Reply reply);
    Result<void> check_request(const aws::Route& route, Call& call) override;
    Result<void> check_input(const aws::Route& route, const Call& call) override;
    wire::Response error_response(const aws::Route& route, const Error& error, const aws::Error_Details& details,
                                  std::string_view request_id) override;

    services::Context& context_;
    services::S3& s3_;
    const Authentication* authentication_ = nullptr;
};

}  // namespace osbot_aws::services
