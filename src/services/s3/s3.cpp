#include "services/s3/s3.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/error_codes.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "services/s3/archives/archives.hpp"
#include "services/s3/encryption/customer_key.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/version_id.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, S3_Bucket>& bucket) {
    f(bucket.owner)("created_ms", bucket.created_ms).optional("tags", bucket.tags);
    f.optional("versioning", bucket.versioning).optional("settings", bucket.settings);
    f.optional("old_location", bucket.has_old_location);
}

/// Each part is an array, because an object has up to 10,000.
template <class Fields>
void describe(Fields& f, store::Of<Fields, S3_Object>& object) {
    f.optional_blob("blob", "size", object.blob)("size", object.size)("etag", object.etag);
    f("modified_ms", object.modified_ms)("headers", object.headers).optional("tags", object.tags);
    f.optional("acl", object.acl).optional("sequence", object.sequence);
    f.optional("upload_id", object.upload_id).optional("delete_marker", object.is_delete_marker);
    Json parts;
    if constexpr (Fields::writes)
        for (const S3_Part& part : object.parts)
            parts.push_back({part.blob->sha256(), part.blob->size(), part.checksum});
    f.optional("parts", parts);
    if constexpr (!Fields::writes)
        for (const Json& part : parts) {
            const std::string checksum = part.size() > 2 ? part.at(2) : "";  // older records have none
            object.parts.push_back({f.blobs().hold_or_throw(part.at(0), part.at(1)), checksum});
        }
}

namespace {

Error no_bucket() { return {"NoSuchBucket", "The specified bucket does not exist", 404}; }
Error bad_location() { return {"InvalidLocationConstraint", "The specified location-constraint is not valid", 400}; }

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
constexpr std::array<std::string_view, 3> reserved_prefixes{"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> reserved_suffixes{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool is_reserved(std::string_view name) {
    return std::ranges::any_of(reserved_prefixes, [&](auto part) { return name.starts_with(part); }) ||
           std::ranges::any_of(reserved_suffixes, [&](auto part) { return name.ends_with(part); });
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
constexpr std::size_t bucket_name_min = 3, bucket_name_max = 63;

bool is_bucket_edge(char c) { return base::is_lower(c) || base::is_digit(c); }

/// Returns true for text like 192.168.5.4.
bool is_address(std::string_view text) {
    return std::ranges::count(text, '.') == 3 && !text.starts_with('.') && !text.ends_with('.') &&
           base::consists_of(text, [](char c) { return base::is_digit(c) || c == '.'; });
}

bool is_bucket_name(const std::string& name) {
    const auto inner = [](char c) { return is_bucket_edge(c) || c == '.' || c == '-'; };
    return bucket_name_min <= name.size() && name.size() <= bucket_name_max && base::consists_of(name, inner) &&
           is_bucket_edge(name.front()) && is_bucket_edge(name.back()) && !is_address(name) &&
           name.find("..") == std::string::npos && !is_reserved(name);
}

/// Returns true for text like us-east-1, us-gov-west-1 or us-isob-east-1.
bool is_region(std::string_view name) {
    constexpr std::size_t region_words_max = 3;
    std::string_view rest = name;
    if (const auto area = base::take_until(rest, '-'); area.size() != 2 || !base::consists_of(area, base::is_lower))
        return false;
    std::size_t words = 0;
    while (rest.find('-') != std::string_view::npos) {
        if (++words > region_words_max || !base::consists_of(base::take_until(rest, '-'), base::is_lower)) return false;
    }
    return words > 0 && rest.size() <= 2 && base::consists_of(rest, base::is_digit);
}

/// Returns the region of a new bucket, from the endpoint's region and the LocationConstraint of the request.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, LocationConstraint
Result<std::string> bucket_region(const std::string& endpoint_region, const std::string& location) {
    // Only the endpoint of us-east-1 creates buckets in other regions, and only there a LocationConstraint is optional.
    const bool is_us_east_1 = endpoint_region == "us-east-1";
    const std::string region = location == old_location ? "eu-west-1" : location;
    if (region.empty() && is_us_east_1) return endpoint_region;
    if (!is_us_east_1 && region != endpoint_region) {
        return Error{"IllegalLocationConstraintException",
                     fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                                 "request was sent to.",
                                 location.empty() ? "unspecified" : location),
                     400};
    }
    if (region == "us-east-1" || !is_region(region)) return bad_location();
    return region;
}

// Bucket names contain no slash, so the first slash is the separator.
std::string object_key(const std::string& bucket, const std::string& key) { return bucket + "/" + key; }

// Version IDs contain no slash, as bucket names.
std::string version_key(const std::string& bucket, const S3_Object& object) {
    return fmt::format("{}/{}/{}", bucket, object.version, object.key);
}

/// Checks that another service can read an object.
Result<void> check_readable(const S3_Object& object, base::Time now) {
    if (has_customer_key(object))
        return Error{"InvalidRequest",
                     "The object was stored using a form of Server Side Encryption. The correct parameters must be "
                     "provided to retrieve the object.",
                     400};
    if (is_archived(object, now))
        return Error{"InvalidObjectState", "The operation is not valid for the object's storage class", 403};
    return {};
}

Error no_key() { return {"NoSuchKey", "The specified key does not exist.", 404}; }

}  // namespace

S3::S3(Context& context, base::Time::duration day)
    : context_(context),
      day_(day),
      bucket_records_(context.store, {.name = "s3_bucket"}),
      object_records_(context.store, {.name = "s3_object"}),
      version_records_(context.store, {.name = "s3_version"}),
      uploads_(std::make_unique<S3_Uploads>(context, *this)) {}

S3::~S3() = default;

void S3::clear() {
    buckets_.clear();
    uploads_->clear();
    next_sequence_ = 1;
}

void S3::load() {
    clear();
    bucket_records_.load([this](const std::string& name, S3_Bucket bucket) {
        bucket.name = name;
        buckets_[name] = std::move(bucket);
    });
    object_records_.load([this](const std::string& key, S3_Object object) {
        const auto slash = key.find('/');
        object.key = key.substr(slash + 1);
        take(key.substr(0, slash), std::move(object));
    });
    version_records_.load([this](const std::string& key, S3_Object object) {
        const auto bucket_end = key.find('/'), version_end = key.find('/', bucket_end + 1);
        object.version = key.substr(bucket_end + 1, version_end - bucket_end - 1);
        object.key = key.substr(version_end + 1);
        take(key.substr(0, bucket_end), std::move(object));
    });
    uploads_->load();
}

/// Adds an object of the store.
void S3::take(const std::string& bucket_name, S3_Object object) {
    const auto bucket = buckets_.find(bucket_name);
    if (bucket == buckets_.end()) throw Aws_Exception(no_bucket());
    if (!object.blob && object.parts.empty() && !object.is_delete_marker)
        throw Aws_Exception(Error{"InvalidRecord", "the object has no blob"});
    if (!object.version.empty() && sequence_of_id(object.version) != object.sequence)
        throw Aws_Exception(Error{"InvalidRecord", "the version ID does not have the sequence number"});
    next_sequence_ = std::max(next_sequence_, object.sequence + 1);
    bucket->second.objects.add(object, descriptions_);
}

void S3::save(const S3_Bucket& bucket) { bucket_records_.put(bucket.name, bucket); }

void S3::save(const std::string& bucket, const S3_Object& object) {
    if (object.version.empty())
        object_records_.put(object_key(bucket, object.key), object);
    else
        version_records_.put(version_key(bucket, object), object);
}

void S3::erase(const std::string& bucket, const S3_Object& object) {
    if (object.version.empty())
        object_records_.erase(object_key(bucket, object.key));
    else
        version_records_.erase(version_key(bucket, object));
}

Error already_owned() {
    return {codes::bucket_already_owned,
            "Your previous request to create the named bucket succeeded and you already own it.", 409};
}

Result<void> S3::create_bucket(const Account& account, const std::string& name, const std::string& location) {
    if (!is_bucket_name(name)) return Error{"InvalidBucketName", "The specified bucket is not valid.", 400};
    OSBOT_TRY(const auto region, bucket_region(account.region, location));
    if (const auto found = buckets_.find(name); found != buckets_.end()) {
        const auto& owner = found->second.owner;
        if (owner.id != account.id) {
            return Error{"BucketAlreadyExists",
                         "The requested bucket name is not available. The bucket namespace is shared by all users of "
                         "the system. Please select a different name and try again.",
                         409};
        }
        // Only in us-east-1, creating a bucket again succeeds.
        if (owner.region == "us-east-1" && region == owner.region) return {};
        return already_owned();
    }
    buckets_[name] = {.name = name,
                      .owner = {account.id, region},
                      .created_ms = base::unix_ms(context_.now()),
                      .tags = {},
                      .has_old_location = location == old_location};
    save(buckets_[name]);
    return {};
}

Result<const S3_Bucket*> S3::bucket(const Account& account, const std::string& name) const {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return no_bucket();
    if (found->second.owner.id != account.id) return Error{"AccessDenied", "Access Denied", 403};
    return &found->second;
}

const S3_Bucket* S3::bucket_of_any_account(const std::string& name) const {
    const auto found = buckets_.find(name);
    return found == buckets_.end() ? nullptr : &found->second;
}

const S3_Bucket* S3::bucket_from(const std::string& name) const {
    const auto found = buckets_.lower_bound(name);
    return found == buckets_.end() ? nullptr : &found->second;
}

std::vector<const S3_Bucket*> S3::buckets(const Account& account) const {
    std::vector<const S3_Bucket*> found;
    for (const auto& [name, bucket] : buckets_) {
        if (bucket.owner.id == account.id) found.push_back(&bucket);
    }
    return found;
}

Result<S3_Bucket*> S3::writable(const Account& account, const std::string& name) {
    OSBOT_TRY(bucket(account, name));
    return &buckets_.find(name)->second;
}

Result<void> S3::tag_bucket(const Account& account, const std::string& name, S3_Tags tags) {
    OSBOT_TRY(auto* const tagged, writable(account, name));
    tagged->tags = std::move(tags);
    save(*tagged);
    return {};
}

Result<void> S3::set_versioning(const Account& account, const std::string& name, const std::string& status) {
    OSBOT_TRY(auto* const changed, writable(account, name));
    changed->versioning = status;
    save(*changed);
    return {};
}

Result<void> S3::set_setting(const Account& account, const std::string& name, const std::string& setting,
                             Json document) {
    OSBOT_TRY(auto* const changed, writable(account, name));
    if (document.is_null())
        changed->settings.erase(setting);
    else
        changed->settings[setting] = std::move(document);
    changed->parsed_lifecycle = nullptr;
    save(*changed);
    return {};
}

Result<void> S3::delete_bucket(const Account& account, const std::string& name) {
    OSBOT_TRY(const auto found, bucket(account, name));
    if (!found->objects.empty()) {
        return Error{"BucketNotEmpty",
                     found->versioning.empty() ? "The bucket you tried to delete is not empty"
                                               : "The bucket you tried to delete is not empty. You must delete all "
                                                 "versions in the bucket.",
                     409};
    }
    uploads_->erase_bucket(name);
    bucket_records_.erase(name);
    buckets_.erase(name);
    return {};
}

Result<S3_Object_Ptr> S3::put_object(const Account& account, const std::string& bucket_name, S3_Object object) {
    OSBOT_TRY(auto* const target, writable(account, bucket_name));
    object.modified_ms = base::unix_ms(context_.now());
    object.sequence = target->versioning.empty() ? 0 : next_sequence_++;
    object.version = target->versioning == "Enabled" ? new_version_id(object.sequence) : "";
    save(bucket_name, object);
    if (object.version.empty())
        target->objects.put(object, descriptions_);
    else
        target->objects.add(object, descriptions_);
    return S3_Object_Ptr(std::make_shared<const S3_Object>(std::move(object)));
}

Result<void> S3::update_object(const Account& account, const std::string& bucket_name, const S3_Object& object) {
    OSBOT_TRY(auto* const target, writable(account, bucket_name));
    if (!target->objects.find(object.key, object.version)) return {};
    save(bucket_name, object);
    target->objects.put(object, descriptions_);
    return {};
}

Result<S3_Object_Ptr> S3::find_version(const Account& account, const std::string& bucket_name, const std::string& key,
                                       const std::optional<std::string>& version) const {
    OSBOT_TRY(const auto found, bucket(account, bucket_name));
    return version ? found->objects.find(key, *version) : found->objects.newest(key);
}

Result<S3_Object_Ptr> S3::object(const Account& account, const std::string& bucket_name, const std::string& key) const {
    OSBOT_TRY(auto found, find_version(account, bucket_name, key, std::nullopt));
    if (!found || found->is_delete_marker) return no_key();
    return found;
}

Result<std::vector<store::Blob_Ptr>> S3::object_blobs(const Account& account, const std::string& bucket_name,
                                                      const std::string& key, const std::string& version) const {
    const auto id = version.empty() ? std::nullopt : std::optional(version == "null" ? "" : version);
    OSBOT_TRY(const auto found, find_version(account, bucket_name, key, id));
    if (!found && id) return Error{"NoSuchVersion", "The specified version does not exist.", 404};
    if (!found || found->is_delete_marker) return no_key();
    OSBOT_TRY(check_readable(*found, context_.now()));
    if (found->blob) return std::vector{found->blob};
    std::vector<store::Blob_Ptr> blobs;
    for (const auto& part : found->parts) blobs.push_back(part.blob);
    return blobs;
}

Result<S3_Deletion> S3::delete_object(const Account& account, const std::string& bucket_name, const std::string& key) {
    OSBOT_TRY(const auto target, bucket(account, bucket_name));
    if (target->versioning.empty()) return delete_version(account, bucket_name, key, "");
    OSBOT_TRY(auto marker, put_object(account, bucket_name, {.key = key, .is_delete_marker = true}));
    return S3_Deletion{.removed = nullptr, .marker = std::move(marker)};
}

// As in S3, deleting a missing version succeeds.
Result<S3_Deletion> S3::delete_version(const Account& account, const std::string& bucket_name, const std::string& key,
                                       const std::string& version) {
    OSBOT_TRY(auto* const target, writable(account, bucket_name));
    auto removed = target->objects.erase(key, version);
    if (removed) erase(bucket_name, *removed);
    return S3_Deletion{.removed = std::move(removed), .marker = nullptr};
}

}  // namespace osbot_aws::services
