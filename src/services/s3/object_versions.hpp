#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "services/s3/object.hpp"
#include "services/s3/stored_object.hpp"

namespace osbot_aws::services {

struct Listed_Version {
    S3_Object_Ptr object;  ///< may be a delete marker
    bool is_latest = false;
};

/// The objects of a bucket in memory: of each key the current version and, in a bucket that has or had versioning, the
/// older ones. A bucket without versions costs one map. Every operation on a version takes logarithmic time, because a
/// key may have 100,000 of them.
class S3_Object_Versions {
public:
    /// The current versions, without delete markers: the objects that ListObjects returns.
    const std::map<std::string, Stored_Object>& current() const { return current_; }
    bool empty() const { return current_.empty() && older_.empty(); }

    /// Returns the newest version, which may be a delete marker, or nullptr.
    S3_Object_Ptr newest(const std::string& key) const;
    /// Returns the version with this ID ("": `null`), or nullptr.
    S3_Object_Ptr find(const std::string& key, std::string_view version) const;
    /// Visits the versions of a key from the newest to the oldest, until `visit` returns false. `before`: only those
    /// with smaller sequence numbers.
    void visit(const std::string& key, std::optional<std::uint64_t> before,
               const std::function<bool(const Listed_Version&)>& visit) const;
    /// Returns the first key that is not less than `key`, or nullptr. The key may have only a delete marker.
    const std::string* key_from(const std::string& key) const;

    /// Adds a version with an ID that the key does not have yet. Versions are in the order of their sequence numbers;
    /// that of a version with an ID is the one in its ID.
    void add(const S3_Object& object, S3_Descriptions& descriptions);
    /// Adds a version, or replaces the version with its ID.
    void put(const S3_Object& object, S3_Descriptions& descriptions);
    /// Removes a version. If it was the newest, the one before becomes the newest. Returns the version, or nullptr.
    S3_Object_Ptr erase(const std::string& key, std::string_view version);

private:
    /// The versions of a key except the current one. A delete marker that is the newest version is one of them.
    struct Older {
        std::map<std::uint64_t, Stored_Object> by_sequence = {};  ///< the oldest first
        std::optional<std::uint64_t> null_sequence = {};          ///< of the version `null`, whose ID has none

        using Position = std::map<std::uint64_t, Stored_Object>::const_iterator;

        const Stored_Object& newest() const { return by_sequence.rbegin()->second; }
        std::uint64_t newest_sequence() const { return by_sequence.rbegin()->first; }
        Position find(std::string_view version) const;
        void add(Stored_Object stored);
        Stored_Object take(Position position);
    };

    std::optional<Stored_Object> take(const std::string& key, std::string_view version);
    void add_newest(const std::string& key, Stored_Object stored);
    /// Makes the newest version the current one, if it is not a delete marker.
    void promote(const std::string& key);

    std::map<std::string, Stored_Object> current_;
    std::map<std::string, Older> older_;  // without keys that have no older version
};

}  // namespace osbot_aws::services
