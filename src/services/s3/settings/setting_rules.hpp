#pragma once

#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {

// The rules of configuration documents, beyond those of the model. Each function may complete the document.

Result<void> check_accelerate(const S3_Setting_Request& request, Json& document);
Result<void> check_cors(const S3_Setting_Request& request, Json& document);
Result<void> check_encryption(const S3_Setting_Request& request, Json& document);
Result<void> check_inventory(const S3_Setting_Request& request, Json& document);
Result<void> check_logging(const S3_Setting_Request& request, Json& document);
Result<void> check_object_lock(const S3_Setting_Request& request, Json& document);
Result<void> check_ownership(const S3_Setting_Request& request, Json& document);
Result<void> check_public_access(const S3_Setting_Request& request, Json& document);
Result<void> check_replication(const S3_Setting_Request& request, Json& document);
Result<void> check_website(const S3_Setting_Request& request, Json& document);

}  // namespace osbot_aws::services
