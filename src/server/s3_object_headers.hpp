#pragma once

#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// Returns an object with the properties in the headers of PutObject, CopyObject or CreateMultipartUpload: stored
/// headers, storage class and tags. Key and bytes are not set. Errors: MetadataTooLarge, InvalidStorageClass,
/// AccessControlListNotSupported, InvalidTag ..., NotImplemented (unsupported features such as encryption with keys and
/// object lock are rejected).
Result<engine::S3_Object> described_object(S3_Call& call);

/// Returns the storage class of an object; the default is "STANDARD".
std::string_view storage_class(const engine::S3_Object& object);
/// Returns true if the object must be restored before it can be read.
bool is_archived(const engine::S3_Object& object);

using engine::checksum_prefix;

bool has_checksum(const engine::S3_Object& object);
/// Returns the name of the object's checksum, such as ChecksumCRC32; "" if it has none.
std::string checksum_name(const engine::S3_Object& object);
/// Adds the checksums of the object: <ChecksumCRC32>...</ChecksumCRC32><ChecksumType>...</ChecksumType>.
void add_checksums(pugi::xml_node parent, const engine::S3_Object& object);
void add_checksums(pugi::xml_node parent, const std::map<std::string, std::string>& headers);

}  // namespace osbot_aws::server
