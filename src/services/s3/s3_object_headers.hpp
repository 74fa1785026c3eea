#pragma once

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

/// Returns an object with the properties in the members of PutObject, CopyObject or CreateMultipartUpload: stored
/// headers, storage class and tags. The bytes are not set. Errors: MetadataTooLarge, InvalidStorageClass,
/// InvalidTag ...
Result<services::S3_Object> described_object(const Call& call);

/// Returns the storage class of an object; the default is "STANDARD".
std::string_view storage_class(const services::S3_Object& object);

using services::checksum_prefix;

bool has_checksum(const services::S3_Object& object);
/// Returns the algorithm of the object's checksum, such as CRC32; "" if it has none.
std::string checksum_algorithm(const services::S3_Object& object);
/// Returns the name of the object's checksum, such as ChecksumCRC32; "" if it has none.
std::string checksum_name(const services::S3_Object& object);
/// Adds the checksums of an object or a part: ChecksumCRC32, ChecksumType.
void add_checksums(Json& output, const std::map<std::string, std::string>& headers);
/// Adds the members that are stored with an object: ContentType, Metadata ...
void add_stored(Json& output, const services::S3_Object& object);

}  // namespace osbot_aws::services
