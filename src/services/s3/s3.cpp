#include "services/s3/s3.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "services/s3/multipart.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, S3_Bucket>& bucket) {
    f(bucket.owner)("created_ms", bucket.created_ms).optional("tags", bucket.tags);
}

/// Each part is an array, because an object has up to 10,000.
template <class Fields>
void describe(Fields& f, store::Of<Fields, S3_Object>& object) {
    f.optional_blob("blob", "size", object.blob)("size", object.size)("etag", object.etag);
    f("modified_ms", object.modified_ms)("headers", object.headers).optional("tags", object.tags);
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
    const std::string region = location == "EU" ? "eu-west-1" : location;
    if (region.empty() && is_us_east_1) return endpoint_region;
    if (region.empty() || (!is_us_east_1 && region != endpoint_region && is_region(region))) {
        return Error{"IllegalLocationConstraintException",
                     fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                                 "request was sent to.",
                                 region.empty() ? "unspecified" : region),
                     400};
    }
    if (region == "us-east-1" || !is_region(region)) return bad_location();
    return region;
}

// Bucket names contain no slash, so the first slash is the separator.
std::string object_key(const std::string& bucket, const std::string& key) { return bucket + "/" + key; }

/// Returns the smallest name that is greater than all names with this prefix; "" if there is none.
std::string first_after_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

}  // namespace

S3::S3(Context& context)
    : context_(context),
      bucket_records_(context.store, {.name = "s3_bucket"}),
      object_records_(context.store, {.name = "s3_object"}),
      uploads_(std::make_unique<S3_Uploads>(context, *this)) {}

S3::~S3() = default;

void S3::clear() {
    buckets_.clear();
    uploads_->clear();
}

void S3::load() {
    clear();
    bucket_records_.load([this](const std::string& name, S3_Bucket bucket) {
        bucket.name = name;
        buckets_[name] = std::move(bucket);
    });
    object_records_.load([this](const std::string& key, S3_Object object) {
        const auto slash = key.find('/');
        const auto bucket = buckets_.find(key.substr(0, slash));
        if (bucket == buckets_.end()) throw Aws_Exception(no_bucket());
        if (!object.blob && object.parts.empty()) throw Aws_Exception(Error{"InvalidRecord", "the object has no blob"});
        object.key = key.substr(slash + 1);
        bucket->second.objects[object.key] = {object, descriptions_};
    });
    uploads_->load();
}

void S3::save(const S3_Bucket& bucket) { bucket_records_.put(bucket.name, bucket); }

void S3::save(const std::string& bucket, const S3_Object& object) {
    object_records_.put(object_key(bucket, object.key), object);
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
        return Error{"BucketAlreadyOwnedByYou",
                     "Your previous request to create the named bucket succeeded and you already own it.", 409};
    }
    buckets_[name] = {.name = name,
                      .owner = {account.id, region},
                      .created_ms = base::unix_ms(context_.now()),
                      .tags = {},
                      .objects = {}};
    save(buckets_[name]);
    return {};
}

Result<const S3_Bucket*> S3::bucket(const Account& account, const std::string& name) const {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return no_bucket();
    if (found->second.owner.id != account.id) return Error{"AccessDenied", "Access Denied", 403};
    return &found->second;
}

std::vector<const S3_Bucket*> S3::buckets(const Account& account) const {
    std::vector<const S3_Bucket*> found;
    for (const auto& [name, bucket] : buckets_) {
        if (bucket.owner.id == account.id) found.push_back(&bucket);
    }
    return found;
}

Result<void> S3::tag_bucket(const Account& account, const std::string& name, S3_Tags tags) {
    OSBOT_TRY(bucket(account, name));
    auto& tagged = buckets_[name];
    tagged.tags = std::move(tags);
    save(tagged);
    return {};
}

Result<void> S3::delete_bucket(const Account& account, const std::string& name) {
    OSBOT_TRY(const auto found, bucket(account, name));
    if (!found->objects.empty()) { return Error{"BucketNotEmpty", "The bucket you tried to delete is not empty", 409}; }
    uploads_->erase_bucket(name);
    bucket_records_.erase(name);
    buckets_.erase(name);
    return {};
}

Result<void> S3::put_object(const Account& account, const std::string& bucket_name, S3_Object object) {
    OSBOT_TRY(bucket(account, bucket_name));
    object.modified_ms = base::unix_ms(context_.now());
    save(bucket_name, object);
    buckets_[bucket_name].objects[object.key] = {object, descriptions_};
    return {};
}

Result<S3_Object_Ptr> S3::object(const Account& account, const std::string& bucket_name, const std::string& key) const {
    OSBOT_TRY(const auto found, bucket(account, bucket_name));
    const auto object = found->objects.find(key);
    if (object == found->objects.end()) return Error{"NoSuchKey", "The specified key does not exist.", 404};
    return object->second.object(key);
}

Result<void> S3::tag_object(const Account& account, const std::string& bucket_name, const std::string& key,
                            S3_Tags tags) {
    OSBOT_TRY(const auto found, object(account, bucket_name, key));
    S3_Object tagged = *found;
    tagged.tags = std::move(tags);
    save(bucket_name, tagged);
    buckets_[bucket_name].objects[key] = {tagged, descriptions_};
    return {};
}

Result<std::vector<store::Blob_Ptr>> S3::object_blobs(const Account& account, const std::string& bucket_name,
                                                      const std::string& key) const {
    OSBOT_TRY(const auto found, object(account, bucket_name, key));
    if (found->blob) return std::vector{found->blob};
    std::vector<store::Blob_Ptr> blobs;
    for (const auto& part : found->parts) blobs.push_back(part.blob);
    return blobs;
}

Result<void> S3::delete_object(const Account& account, const std::string& bucket_name, const std::string& key) {
    OSBOT_TRY(bucket(account, bucket_name));
    // As in S3, deleting a missing object succeeds.
    if (buckets_[bucket_name].objects.erase(key) > 0) object_records_.erase(object_key(bucket_name, key));
    return {};
}

Result<Listed_Objects> S3::list_objects(const Account& account, const std::string& bucket_name,
                                        const List_Objects& request) const {
    OSBOT_TRY(const auto found, bucket(account, bucket_name));
    const auto& objects = found->objects;

    Listed_Objects listed;
    int count = 0;
    std::string last;
    auto next =
        request.after < request.prefix ? objects.lower_bound(request.prefix) : objects.upper_bound(request.after);
    while (next != objects.end() && next->first.starts_with(request.prefix)) {
        const auto& key = next->first;
        const auto end =
            request.delimiter.empty() ? std::string::npos : key.find(request.delimiter, request.prefix.size());
        const bool grouped = end != std::string::npos;
        const auto name = grouped ? key.substr(0, end + request.delimiter.size()) : key;
        if (!grouped || name != request.after) {  // a group at the end of the last page is complete
            if (count == request.keys_max) {
                listed.next = last;
                break;
            }
            if (grouped)
                listed.common_prefixes.push_back(name);
            else
                listed.objects.push_back(next->second.object(key));
            last = name;
            ++count;
        }
        if (grouped) {
            const auto after_group = first_after_prefix(name);
            next = after_group.empty() ? objects.end() : objects.lower_bound(after_group);
        } else {
            ++next;
        }
    }
    return listed;
}

}  // namespace osbot_aws::services
