#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// The common parts of the lists of objects and of versions.

constexpr int s3_listed_max = 1000;  ///< the largest page

/// How a list is written.
struct S3_Listing {
    bool encode = false;  ///< keys, prefixes and markers are percent-encoded
    bool with_owner = false;
    std::optional<base::Time> restored_at = {};  ///< with RestoreStatus of the objects that are restored at this time

    std::string name(const std::string& text) const { return encode ? wire::percent_encode(text, true) : text; }
};

/// Returns how the list of a request is written.
S3_Listing listing_of(const S3& s3, const Call& call);
/// Sets the members of an object in a list. Sets or removes those that the last object had.
void set_listed_object(Json& json, const S3_Listing& listing, const S3_Object& object);
/// Returns the members that all lists have, with the groups but without the objects.
Json listed_page_json(const Call& call, const S3_Listing& listing, const std::vector<std::string>& common_prefixes);

}  // namespace osbot_aws::services
