#pragma once

#include "services/operations.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

// S3's operations, by the file that has them.

Operations s3_bucket_operations(services::S3& s3);     ///< buckets and their settings
Operations s3_copy_operations(services::S3& s3);       ///< CopyObject
Operations s3_delete_operations(services::S3& s3);     ///< of objects
Operations s3_listing_operations(services::S3& s3);    ///< of objects
Operations s3_multipart_operations(services::S3& s3);  ///< uploads
Operations s3_object_operations(services::S3& s3);     ///< reads and writes
Operations s3_part_operations(services::S3& s3);       ///< the parts of uploads
Operations s3_tag_operations(services::S3& s3);        ///< of buckets and objects

}  // namespace osbot_aws::services
