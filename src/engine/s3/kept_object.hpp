#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/s3/object.hpp"

namespace osbot_aws::engine {

/// What many objects have in common: Content-Type, metadata, tags.
struct S3_Description {
    std::map<std::string, std::string> headers;
    S3_Tags tags;
    auto operator<=>(const S3_Description&) const = default;
};
using S3_Description_Ptr = std::shared_ptr<const S3_Description>;

/// Keeps equal descriptions once, as long as an object has them. Outlives those objects.
class S3_Descriptions {
public:
    S3_Description_Ptr share(S3_Description description);

private:
    struct By_Content {
        bool operator()(const S3_Description* a, const S3_Description* b) const { return *a < *b; }
    };
    std::map<const S3_Description*, std::weak_ptr<const S3_Description>, By_Content> known_;
};

/// An object as a bucket keeps it, in a third of the memory: there may be very many. Its key is the bucket's to know.
class S3_Kept_Object {
public:
    S3_Kept_Object() = default;
    S3_Kept_Object(const S3_Object& object, S3_Descriptions& descriptions);
    S3_Object_Ptr object(const std::string& key) const;

private:
    store::Blob_Ptr blob_;
    std::unique_ptr<const std::vector<S3_Part>> parts_;  // most have none
    S3_Description_Ptr description_;
    std::uint64_t size_ = 0;
    std::int64_t modified_ms_ = 0;
    std::string sums_;  // the ETag, then names and values of checksums, between lines' ends
};

}  // namespace osbot_aws::engine
