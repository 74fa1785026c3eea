#pragma once

#include <functional>
#include <vector>

#include "engine/s3/s3.hpp"
#include "server/s3_body.hpp"
#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"
#include "server/service_api.hpp"

namespace osbot_aws::server {

/// S3: REST-XML, with buckets in the path or in the host name. Selects the operation and converts errors to responses.
/// The operations are in s3_buckets, s3_objects ...
class S3_Api final : public Service_Api {
public:
    S3_Api(engine::Context& context, engine::S3& s3) : context_(context), s3_(s3) {}
    void handle(const engine::Account& account, wire::Request request, Reply reply) override;
    /// Returns true if the body of the request with this head may be a stream.
    static bool takes_streams(const wire::Request& head);
    /// Returns true for a GET of an object.
    static bool reads_object(const wire::Request& head);

private:
    using Finish = std::function<Result<wire::Response>(engine::S3&, S3_Call&, const S3_Upload&)>;

    void put_object(S3_Call call, Reply reply);
    void put_part(S3_Call call, Reply reply);
    void copy_object(S3_Call call, Reply reply);
    void receive_copy(S3_Call call, Reply reply, S3_Added_Checksum added_checksum, std::vector<S3_Slice> source,
                      Finish finish);
    void receive(S3_Call call, Reply reply, const S3_Added_Checksum& added_checksum, Finish finish);

    engine::Context& context_;
    engine::S3& s3_;
};

}  // namespace osbot_aws::server
