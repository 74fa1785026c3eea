#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/object.hpp"
#include "services/s3/stored_object.hpp"

namespace osbot_aws::services {

/// The objects of a bucket in memory: of each key the current version and, in a bucket that has or had versioning, the
/// older ones. A bucket without versions costs one map.
class S3_Object_Versions {
public:
    /// The current versions, without delete markers: the objects that ListObjects returns.
    const std::map<std::string, Stored_Object>& current() const { return current_; }
    bool empty() const { return current_.empty() && older_.empty(); }

    /// Returns the newest version, which may be a delete marker, or nullptr.
    S3_Object_Ptr newest(const std::string& key) const;
    /// Returns the version with this ID ("": `null`), or nullptr.
    S3_Object_Ptr find(const std::string& key, std::string_view version) const;
    /// Returns all versions of a key, the newest first.
    std::vector<S3_Object_Ptr> versions(const std::string& key) const;
    /// Returns the first key that is not less than `key`, or nullptr. The key may have only a delete marker.
    const std::string* key_from(const std::string& key) const;

    /// Adds a version with an ID that the key does not have yet. Versions are in the order of their sequence numbers.
    void add(const S3_Object& object, S3_Descriptions& descriptions);
    /// Adds a version, or replaces the version with its ID.
    void put(const S3_Object& object, S3_Descriptions& descriptions);
    /// Removes a version. If it was the newest, the one before becomes the newest. Returns the version, or nullptr.
    S3_Object_Ptr erase(const std::string& key, std::string_view version);

private:
    std::optional<Stored_Object> take(const std::string& key, std::string_view version);
    void add_newest(const std::string& key, Stored_Object stored);
    /// Makes the newest version the current one, if it is not a delete marker.
    void promote(const std::string& key);

    std::map<std::string, Stored_Object> current_;
    // The oldest first. A delete marker that is the newest version is the last one of its key.
    std::map<std::string, std::vector<Stored_Object>> older_;
};

}  // namespace osbot_aws::services
