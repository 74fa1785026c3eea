#include "engine/s3/s3.hpp"

#include <osbot_aws/core/Json.hpp>
#include <regex>

#include "base/time_text.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view bucket_kind = "s3_bucket", object_kind = "s3_object";
constexpr std::size_t key_bytes_max = 1024;  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html

Error no_bucket() { return {"NoSuchBucket", "The specified bucket does not exist", 404}; }

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(const std::string& name) {
    static const std::regex allowed{R"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"}, address{R"(\d+\.\d+\.\d+\.\d+)"};
    return std::regex_match(name, allowed) && !std::regex_match(name, address) && name.find("..") == std::string::npos;
}

// A bucket's name has no slash, so the first one ends it.
std::string object_key(const std::string& bucket, const std::string& key) { return bucket + "/" + key; }

std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The first name that does not begin with `prefix`, among those from `prefix` on; "" if there can be none.
std::string past(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

}  // namespace

void S3::load() {
    buckets_.clear();
    for (const auto& record : context_.store.load(bucket_kind)) {
        const auto json = Json::parse(record.value);
        buckets_[record.key] = {
            .name = record.key, .owner = {json.at("account"), json.at("region")}, .created_ms = json.at("created_ms")};
    }
    for (const auto& record : context_.store.load(object_kind)) {
        const auto slash = record.key.find('/');
        const auto bucket = buckets_.find(record.key.substr(0, slash));
        if (bucket == buckets_.end()) continue;
        const auto json = Json::parse(record.value);
        const auto key = record.key.substr(slash + 1);
        bucket->second.objects[key] = {.key = key,
                                       .blob = json.at("blob"),
                                       .size = json.at("size"),
                                       .etag = json.at("etag"),
                                       .modified_ms = json.at("modified_ms"),
                                       .headers = json.at("headers").get<std::map<std::string, std::string>>()};
    }
}

std::set<std::string> S3::blobs_in_use() const {
    std::set<std::string> used;
    for (const auto& [name, bucket] : buckets_) {
        for (const auto& [key, object] : bucket.objects) used.insert(object.blob);
    }
    return used;
}

Result<void> S3::create_bucket(const Account& account, const std::string& name, const std::string& location) {
    if (!is_bucket_name(name)) return Error{"InvalidBucketName", "The specified bucket is not valid.", 400};
    if (location.empty() && account.region != "us-east-1") {
        return Error{"IllegalLocationConstraintException",
                     "The unspecified location constraint is incompatible for the region specific endpoint this "
                     "request was sent to.",
                     400};
    }
    if (const auto found = buckets_.find(name); found != buckets_.end()) {
        const auto& owner = found->second.owner;
        if (owner.id != account.id) {
            return Error{"BucketAlreadyExists",
                         "The requested bucket name is not available. The bucket namespace is shared by all users of "
                         "the system. Please select a different name and try again.",
                         409};
        }
        if (owner.region == "us-east-1" && location.empty()) return {};  // there, and only there, it is no error
        return Error{"BucketAlreadyOwnedByYou",
                     "Your previous request to create the named bucket succeeded and you already own it.", 409};
    }
    const Account owner{account.id, location.empty() ? account.region : location};
    const auto created_ms = base::unix_ms(context_.now());
    buckets_[name] = {.name = name, .owner = owner, .created_ms = created_ms};
    context_.store.put(bucket_kind, name,
                       to_text({{"account", owner.id}, {"region", owner.region}, {"created_ms", created_ms}}));
    return {};
}

Result<const S3_Bucket*> S3::bucket(const Account& account, const std::string& name) const {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return no_bucket();
    if (found->second.owner.id != account.id) return Error{"AccessDenied", "Access Denied", 403};
    return &found->second;
}

std::vector<std::pair<std::string, std::int64_t>> S3::buckets(const Account& account) const {
    std::vector<std::pair<std::string, std::int64_t>> found;
    for (const auto& [name, bucket] : buckets_) {
        if (bucket.owner.id == account.id) found.emplace_back(name, bucket.created_ms);
    }
    return found;
}

Result<void> S3::delete_bucket(const Account& account, const std::string& name) {
    const auto found = bucket(account, name);
    if (!found) return found.error();
    if (!(*found)->objects.empty()) {
        return Error{"BucketNotEmpty", "The bucket you tried to delete is not empty", 409};
    }
    context_.store.erase(bucket_kind, name);
    buckets_.erase(name);
    return {};
}

Result<void> S3::put_object(const Account& account, const std::string& bucket_name, S3_Object object) {
    if (auto found = bucket(account, bucket_name); !found) return found.error();
    if (object.key.size() > key_bytes_max) return Error{"KeyTooLongError", "Your key is too long", 400};
    object.modified_ms = base::unix_ms(context_.now());
    context_.store.put(object_kind, object_key(bucket_name, object.key),
                       to_text({{"blob", object.blob},
                                {"size", object.size},
                                {"etag", object.etag},
                                {"modified_ms", object.modified_ms},
                                {"headers", object.headers}}));
    const auto key = object.key;
    buckets_[bucket_name].objects[key] = std::move(object);
    return {};
}

Result<S3_Object> S3::object(const Account& account, const std::string& bucket_name, const std::string& key) const {
    const auto found = bucket(account, bucket_name);
    if (!found) return found.error();
    const auto object = (*found)->objects.find(key);
    if (object == (*found)->objects.end()) return Error{"NoSuchKey", "The specified key does not exist.", 404};
    return object->second;
}

Result<std::string> S3::object_blob(const Account& account, const std::string& bucket_name,
                                    const std::string& key) const {
    const auto found = object(account, bucket_name, key);
    if (!found) return found.error();
    return found->blob;
}

Result<void> S3::delete_object(const Account& account, const std::string& bucket_name, const std::string& key) {
    if (auto found = bucket(account, bucket_name); !found) return found.error();
    // What is not there is deleted already: S3 answers the same.
    if (buckets_[bucket_name].objects.erase(key) > 0) {
        context_.store.erase(object_kind, object_key(bucket_name, key));
    }
    return {};
}

Result<Listed_Objects> S3::list_objects(const Account& account, const std::string& bucket_name,
                                        const List_Objects& wanted) const {
    const auto found = bucket(account, bucket_name);
    if (!found) return found.error();
    const auto& objects = (*found)->objects;

    Listed_Objects listed;
    int count = 0;
    std::string last;
    auto next = wanted.after < wanted.prefix ? objects.lower_bound(wanted.prefix) : objects.upper_bound(wanted.after);
    while (next != objects.end() && next->first.starts_with(wanted.prefix)) {
        const auto& key = next->first;
        const auto end =
            wanted.delimiter.empty() ? std::string::npos : key.find(wanted.delimiter, wanted.prefix.size());
        const bool grouped = end != std::string::npos;
        const auto name = grouped ? key.substr(0, end + wanted.delimiter.size()) : key;
        if (!grouped || name != wanted.after) {  // a page that ended with a group has shown all of it
            if (count == wanted.keys_max) {
                listed.next = last;
                break;
            }
            if (grouped)
                listed.common_prefixes.push_back(name);
            else
                listed.objects.push_back(next->second);
            last = name;
            ++count;
        }
        if (grouped) {
            const auto beyond = past(name);
            next = beyond.empty() ? objects.end() : objects.lower_bound(beyond);
        } else {
            ++next;
        }
    }
    return listed;
}

}  // namespace osbot_aws::engine
