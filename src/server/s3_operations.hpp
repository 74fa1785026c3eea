#pragma once

#include "engine/s3/s3.hpp"
#include "server/operations.hpp"

namespace osbot_aws::server {

// S3's operations, by the file that has them.

Operations s3_bucket_operations(engine::S3& s3);     ///< buckets and their settings
Operations s3_copy_operations(engine::S3& s3);       ///< CopyObject
Operations s3_delete_operations(engine::S3& s3);     ///< of objects
Operations s3_listing_operations(engine::S3& s3);    ///< of objects
Operations s3_multipart_operations(engine::S3& s3);  ///< uploads
Operations s3_object_operations(engine::S3& s3);     ///< reads and writes
Operations s3_part_operations(engine::S3& s3);       ///< the parts of uploads
Operations s3_tag_operations(engine::S3& s3);        ///< of buckets and objects

}  // namespace osbot_aws::server
