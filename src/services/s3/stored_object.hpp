#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/object.hpp"

namespace osbot_aws::services {

/// Properties that many objects share: Content-Type, metadata, tags, ACL.
struct S3_Description {
    std::map<std::string, std::string> headers;
    S3_Tags tags;
    std::string acl;
    auto operator<=>(const S3_Description&) const = default;
};
using S3_Description_Ptr = std::shared_ptr<const S3_Description>;

/// Stores equal descriptions once, for as long as an object uses them. Outlives those objects.
class S3_Descriptions {
public:
    /// Returns the stored description that equals this one. Stores it if there is none.
    S3_Description_Ptr share(S3_Description description);

private:
    struct By_Content {
        bool operator()(const S3_Description* a, const S3_Description* b) const { return *a < *b; }
    };
    std::map<const S3_Description*, std::weak_ptr<const S3_Description>, By_Content> known_;
};

/// The compact form of an object in a bucket: a third of the memory of S3_Object, because a bucket may contain millions
/// of objects. Does not contain the key, which is the key of the bucket's map.
class Stored_Object {
public:
    Stored_Object() = default;
    Stored_Object(const S3_Object& object, S3_Descriptions& descriptions);
    S3_Object_Ptr object(const std::string& key) const;

    // Properties of a version; see S3_Object.
    std::string_view version() const;
    std::uint64_t sequence() const;
    bool is_delete_marker() const;

private:
    /// Returns the value of a checksum or property; "" if it has none.
    std::string_view value_of(std::string_view name) const;

    store::Blob_Ptr blob_;
    std::unique_ptr<const std::vector<S3_Part>> parts_;  // null for most objects
    S3_Description_Ptr description_;
    std::uint64_t size_ = 0;
    std::int64_t modified_ms_ = 0;
    // Lines: the ETag, then the name and the value of each checksum, and of each property of a version. The versions of
    // most objects have none.
    std::string sums_;
};

}  // namespace osbot_aws::services
