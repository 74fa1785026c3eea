#pragma once

#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// What the headers of PutObject, CopyObject or CreateMultipartUpload say of the object to be made: those that come
/// back with it, storage class, tags. No key, no bytes.
/// Errors: MetadataTooLarge, InvalidStorageClass, AccessControlListNotSupported, InvalidTag ..., NotImplemented
/// (encryption with keys, object lock: never a pretended success).
Result<engine::S3_Object> described_object(S3_Call& call);

/// "STANDARD" unless it was made otherwise.
std::string_view storage_class(const engine::S3_Object& object);
/// Whether its bytes must be restored before they can be read.
bool is_archived(const engine::S3_Object& object);

using engine::checksum_prefix;

bool has_checksum(const engine::S3_Object& object);
/// ChecksumCRC32 ...; "" when it has none.
std::string checksum_name(const engine::S3_Object& object);
/// <ChecksumCRC32>...</ChecksumCRC32><ChecksumType>...</ChecksumType>, whatever the object has.
void add_checksums(pugi::xml_node parent, const engine::S3_Object& object);
void add_checksums(pugi::xml_node parent, const std::map<std::string, std::string>& headers);

}  // namespace osbot_aws::server
