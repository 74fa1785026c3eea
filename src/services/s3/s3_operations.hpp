#pragma once

#include "services/operations.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

// S3's operations, by the file that has them.

Operations s3_acl_operations(services::S3& s3);        ///< ACLs of buckets and objects
Operations s3_archive_operations(services::S3& s3);    ///< RestoreObject
Operations s3_bucket_operations(services::S3& s3);     ///< buckets
Operations s3_copy_operations(services::S3& s3);       ///< CopyObject
Operations s3_delete_operations(services::S3& s3);     ///< of objects
Operations s3_listing_operations(services::S3& s3);    ///< of objects
Operations s3_lock_operations(services::S3& s3);       ///< legal holds and retentions of objects
Operations s3_multipart_operations(services::S3& s3);  ///< uploads
Operations s3_object_operations(services::S3& s3);     ///< reads and writes
Operations s3_part_operations(services::S3& s3);       ///< the parts of uploads
Operations s3_setting_operations(services::S3& s3);    ///< settings of buckets (settings/settings.cpp)
Operations s3_tag_operations(services::S3& s3);        ///< of buckets and objects
Operations s3_version_operations(services::S3& s3);    ///< versioning, and the list of versions

}  // namespace osbot_aws::services
