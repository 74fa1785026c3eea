#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "services/s3/object.hpp"
#include "services/s3/object_versions.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
constexpr std::size_t s3_key_bytes_max = 1024;

struct S3_Lifecycle_Rule;

struct S3_Bucket {
    std::string name;
    Account owner;  ///< account and region of the bucket
    std::int64_t created_ms = 0;
    S3_Tags tags;
    bool has_old_location = false;  ///< created with the LocationConstraint `EU`
    std::string versioning = {};    ///< "" (never enabled), "Enabled" or "Suspended"
    /// Configuration documents by their names (settings/settings.hpp), as the API returns them.
    std::map<std::string, Json> settings = {};
    S3_Object_Versions objects = {};
    /// The rules of the lifecycle configuration, after their first use: lifecycle_rules() in lifecycle/. Null before,
    /// and after a change of the settings.
    mutable std::shared_ptr<const std::vector<S3_Lifecycle_Rule>> parsed_lifecycle = {};

    /// Returns a configuration document, or nullptr.
    const Json* setting(const std::string& setting_name) const {
        const auto found = settings.find(setting_name);
        return found == settings.end() ? nullptr : &found->second;
    }
};

/// The name of eu-west-1 before S3 had other regions in Europe. GetBucketLocation returns it for buckets created with
/// it.
constexpr std::string_view old_location = "EU";

Error already_owned();

struct List_Objects {
    std::string prefix, delimiter;
    std::string after;  ///< list the names after this one
    int keys_max = 1000;
};

struct Listed_Objects {
    std::vector<S3_Object_Ptr> objects;
    std::vector<std::string> common_prefixes;
    std::string next;  ///< `after` of the next page; empty: this is the last page
};

struct List_Versions {
    std::string prefix, delimiter;
    std::string key_after;      ///< list the keys after this one
    std::string version_after;  ///< and the versions of `key_after` that are older than this one; "": none of them
    int versions_max = 1000;
};

struct Listed_Versions {
    std::vector<Listed_Version> versions;  ///< by key, the newest first
    std::vector<std::string> common_prefixes;
    std::string next_key, next_version;  ///< the markers of the next page; empty: this is the last page
    int size() const { return static_cast<int>(versions.size() + common_prefixes.size()); }
};

/// The effect of a delete.
struct S3_Deletion {
    S3_Object_Ptr removed;  ///< the version that was removed; nullptr if there was none
    S3_Object_Ptr marker;   ///< the delete marker that was added, or nullptr
};

/// Returns the end of the group of a key: the position after the first delimiter behind the prefix. npos: the key is
/// not in a group.
std::size_t end_of_group(std::string_view key, std::string_view prefix, std::string_view delimiter);
/// Returns the smallest name that is greater than all names with this prefix; "" if there is none.
std::string first_after_prefix(std::string prefix);

/// An event of a bucket, for a queue or a function.
struct S3_Event {
    std::string text;
    std::string trace = {};  ///< X-Amzn-Trace-Id of the request; "": none
};

/// The other services to which S3 sends notifications (notifications/destinations.hpp).
struct S3_Targets {
    /// Returns why the destination with this ARN cannot get notifications of the bucket; "" if it can.
    std::function<std::string(const S3_Bucket& bucket, const std::string& arn)> objection =
        [](const S3_Bucket&, const std::string&) { return "The destination does not exist"; };
    std::function<void(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event)> send =
        [](const S3_Bucket&, const std::string&, const S3_Event&) {};
};

class S3_Uploads;

/// A day, in which lifecycle rules count.
constexpr std::chrono::hours s3_day{24};

/// S3: buckets and objects. The caller stores the bytes as blobs first; this class maps names to blobs.
///
/// Loop thread only. Errors of all operations: NoSuchBucket, NoSuchKey, AccessDenied (another account's bucket),
/// BucketAlreadyExists ... Source:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
class S3 final : public State {
public:
    /// `day`: the length of the days in which lifecycle rules count.
    explicit S3(Context& context, base::Time::duration day = s3_day);
    ~S3() override;

    void load() override;
    void clear() override;

    Result<void> create_bucket(const Account& account, const std::string& name, const std::string& location);
    // The pointers of these two are valid until the next change.
    Result<const S3_Bucket*> bucket(const Account& account, const std::string& name) const;
    std::vector<const S3_Bucket*> buckets(const Account& account) const;  ///< by name
    /// Returns the first bucket, of any account, whose name is not less than this one, or nullptr.
    const S3_Bucket* bucket_from(const std::string& name) const;
    /// Returns a bucket for what does not depend on the account, or nullptr.
    const S3_Bucket* bucket_of_any_account(const std::string& name) const;
    Result<void> tag_bucket(const Account& account, const std::string& name, S3_Tags tags);
    Result<void> set_versioning(const Account& account, const std::string& name, const std::string& status);
    /// Stores a configuration document; null deletes it.
    Result<void> set_setting(const Account& account, const std::string& name, const std::string& setting,
                             Json document);
    Result<void> delete_bucket(const Account& account, const std::string& name);

    /// Stores an object as a new version, or in place of the existing one if versioning is not enabled. Returns the
    /// object as stored.
    Result<S3_Object_Ptr> put_object(const Account& account, const std::string& bucket, S3_Object object);
    /// Replaces the properties of a stored version: tags, ACL, headers. Does nothing if it was deleted meanwhile.
    Result<void> update_object(const Account& account, const std::string& bucket, const S3_Object& object);
    /// Returns a snapshot of the current object.
    Result<S3_Object_Ptr> object(const Account& account, const std::string& bucket, const std::string& key) const;
    /// Returns a version, which may be a delete marker, or nullptr. nullopt: the newest version; "": `null`.
    Result<S3_Object_Ptr> find_version(const Account& account, const std::string& bucket, const std::string& key,
                                       const std::optional<std::string>& version) const;
    /// Returns the bytes of an object, for Lambda's S3Bucket, S3Key and S3ObjectVersion ("": the current one): one
    /// blob, or the blobs of its parts.
    Result<std::vector<store::Blob_Ptr>> object_blobs(const Account& account, const std::string& bucket,
                                                      const std::string& key, const std::string& version = {}) const;
    /// Deletes an object: removes it, or adds a delete marker if the bucket has versioning.
    Result<S3_Deletion> delete_object(const Account& account, const std::string& bucket, const std::string& key);
    /// Removes a version ("": `null`).
    Result<S3_Deletion> delete_version(const Account& account, const std::string& bucket, const std::string& key,
                                       const std::string& version);
    Result<Listed_Objects> list_objects(const Account& account, const std::string& bucket,
                                        const List_Objects& request) const;
    Result<Listed_Versions> list_versions(const Account& account, const std::string& bucket,
                                          const List_Versions& request) const;

    Context& context() const { return context_; }
    base::Time::duration day() const { return day_; }
    /// The multipart uploads in progress (multipart.hpp).
    S3_Uploads& uploads() { return *uploads_; }
    const S3_Uploads& uploads() const { return *uploads_; }
    void connect(S3_Targets targets) { targets_ = std::move(targets); }
    const S3_Targets& targets() const { return targets_; }

private:
    Result<S3_Bucket*> writable(const Account& account, const std::string& name);
    void save(const S3_Bucket& bucket);
    void save(const std::string& bucket, const S3_Object& object);
    void erase(const std::string& bucket, const S3_Object& object);
    void take(const std::string& bucket, S3_Object object);

    Context& context_;
    const base::Time::duration day_;
    store::Records<S3_Bucket> bucket_records_;
    store::Records<S3_Object> object_records_;   // the versions `null`
    store::Records<S3_Object> version_records_;  // those with an ID
    S3_Descriptions descriptions_;
    std::map<std::string, S3_Bucket> buckets_;  // names are unique across all accounts
    std::uint64_t next_sequence_ = 1;
    S3_Targets targets_;
    std::unique_ptr<S3_Uploads> uploads_;
};

}  // namespace osbot_aws::services
