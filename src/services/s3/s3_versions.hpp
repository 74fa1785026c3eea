#pragma once

#include <optional>
#include <string>

#include "services/s3/s3_call.hpp"
#include "services/s3/version_id.hpp"

namespace osbot_aws::services {

/// Converts a version ID of a request: "null" is "", and "" is the newest version.
std::optional<std::string> version_of(const std::string& text);

/// Returns the version that a request names, or the current one. Errors: NoSuchKey, NoSuchVersion, MethodNotAllowed (a
/// delete marker; for GET and HEAD without a version ID it is NoSuchKey). Errors about a delete marker have its
/// headers.
Result<S3_Object_Ptr> requested_object(const S3& s3, const Call& call);
/// Returns MethodNotAllowed, with the headers of the delete marker.
Error marker_not_allowed(const Call& call, const S3_Object& marker);

/// Returns true if the bucket has or had versioning: responses have version IDs.
bool shows_versions(const S3& s3, const Account& account, const std::string& bucket);
/// Adds VersionId to the output if the bucket of the request has or had versioning.
void add_version(Json& output, const S3& s3, const Call& call, const S3_Object& object);

}  // namespace osbot_aws::services
