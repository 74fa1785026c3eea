#pragma once

#include <functional>
#include <string>

#include "services/s3/s3.hpp"

namespace osbot_aws::services {

/// An object that another service of the engine writes.
struct S3_Service_Object {
    std::string bucket, key, content, content_type;
};

/// Stores an object by the operation PutObject, so that all rules of the bucket apply: encryption, default retention,
/// notifications. The bytes are written on a worker. Calls `done` on the loop. Errors: those of PutObject.
void put_service_object(S3& s3, const Account& account, S3_Service_Object object,
                        std::function<void(Result<void>)> done);

}  // namespace osbot_aws::services
