#include "services/s3/multipart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, S3_Multipart_Upload>& upload) {
    f("key", upload.object.key)("initiated_ms", upload.initiated_ms)("headers", upload.object.headers);
    f.optional("acl", upload.object.acl)
        .optional("tags", upload.object.tags)
        .optional("checksum_algorithm", upload.checksum_algorithm);
    f.optional("checksum_type", upload.checksum_type).optional("replaces", upload.replaces);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, S3_Uploaded_Part>& part) {
    f.blob("blob", "size", part.blob)("etag", part.etag)("modified_ms", part.modified_ms);
    f("checksums", part.checksums).optional("unasked", part.unrequested_checksums);
}

namespace {

// Ids and bucket names contain no slash, so the first slash is the separator.
std::string record_key(const std::string& owner, std::string_view name) { return fmt::format("{}/{}", owner, name); }

Error no_upload() {
    return {"NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
            "completed.",
            404};
}

Error invalid_part() {
    return {"InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
            "specified entity tag may not match the part's entity tag.",
            400};
}

bool matches(const S3_Uploaded_Part& part, const S3_Listed_Part& listed) {
    return part.etag == listed.etag && std::ranges::all_of(listed.checksums, [&](const auto& checksum) {
               const auto stored = part.checksums.find(checksum.first);
               return stored != part.checksums.end() && stored->second == checksum.second;
           });
}

}  // namespace

S3_Uploads::S3_Uploads(Context& context, S3& s3)
    : context_(context),
      s3_(s3),
      upload_records_(context.store, {.name = "s3_upload"}),
      part_records_(context.store, {.name = "s3_upload_part"}) {}

void S3_Uploads::load() {
    clear();
    std::map<std::string, S3_Multipart_Upload*> by_id;
    upload_records_.load([&](const std::string& key, S3_Multipart_Upload upload) {
        const auto slash = key.find('/');
        upload.id = key.substr(slash + 1);
        auto& placed = buckets_[key.substr(0, slash)][upload.id];
        by_id[upload.id] = &placed;
        placed = std::move(upload);
    });
    part_records_.load([&](const std::string& key, S3_Uploaded_Part part) {
        const auto slash = key.find('/');
        const auto upload = by_id.find(key.substr(0, slash));
        if (upload == by_id.end()) throw Aws_Exception(no_upload());
        const auto number = base::parse_number<int>(key.substr(slash + 1));
        if (!number) throw Aws_Exception(Error{"InvalidRecord", "the key has no part number"});
        upload->second->parts[*number] = std::move(part);
    });
}

Result<std::string> S3_Uploads::create(const Account& account, const std::string& bucket, S3_Multipart_Upload upload) {
    OSBOT_TRY(s3_.bucket(account, bucket));
    upload.id = base::random_hex(32);
    upload.initiated_ms = base::unix_ms(context_.now());
    upload_records_.put(record_key(bucket, upload.id), upload);
    auto id = upload.id;
    buckets_[bucket].emplace(id, std::move(upload));
    return id;
}

Result<const S3_Multipart_Upload*> S3_Uploads::find(const Account& account, const std::string& bucket,
                                                    const std::string& key, const std::string& id) const {
    OSBOT_TRY(s3_.bucket(account, bucket));
    const auto uploads = buckets_.find(bucket);
    if (uploads == buckets_.end()) return no_upload();
    const auto upload = uploads->second.find(id);
    if (upload == uploads->second.end() || upload->second.object.key != key) return no_upload();
    return &upload->second;
}

const S3_Multipart_Upload* S3_Uploads::upload_from(const std::string& bucket, const std::string& id) const {
    const auto uploads = buckets_.find(bucket);
    if (uploads == buckets_.end()) return nullptr;
    const auto found = uploads->second.lower_bound(id);
    return found == uploads->second.end() ? nullptr : &found->second;
}

Result<std::vector<const S3_Multipart_Upload*>> S3_Uploads::list(const Account& account,
                                                                 const std::string& bucket) const {
    OSBOT_TRY(s3_.bucket(account, bucket));
    std::vector<const S3_Multipart_Upload*> listed;
    if (const auto uploads = buckets_.find(bucket); uploads != buckets_.end()) {
        for (const auto& [id, upload] : uploads->second) listed.push_back(&upload);
    }
    std::ranges::sort(
        listed, {}, [](const auto* upload) { return std::tie(upload->object.key, upload->initiated_ms, upload->id); });
    return listed;
}

Result<void> S3_Uploads::put_part(const Account& account, const std::string& bucket, const std::string& key,
                                  const std::string& id, int number, S3_Uploaded_Part part) {
    OSBOT_TRY(find(account, bucket, key, id));
    part.modified_ms = base::unix_ms(context_.now());
    part_records_.put(record_key(id, std::to_string(number)), part);
    buckets_[bucket].at(id).parts[number] = std::move(part);
    return {};
}

Result<void> S3_Uploads::abort(const Account& account, const std::string& bucket, const std::string& key,
                               const std::string& id) {
    OSBOT_TRY(const auto upload, find(account, bucket, key, id));
    erase_records(bucket, *upload);
    buckets_[bucket].erase(id);
    return {};
}

Result<S3_Object_Ptr> S3_Uploads::complete(const Account& account, const std::string& bucket, const std::string& key,
                                           const std::string& id, const std::vector<S3_Listed_Part>& listed_parts,
                                           const std::map<std::string, std::string>& headers) {
    OSBOT_TRY(const auto upload, find(account, bucket, key, id));
    OSBOT_TRY(const auto parts, find_listed_parts(*upload, listed_parts));
    S3_Object object = upload->object;
    object.etag = multipart_etag(listed_parts);
    object.upload_id = id;
    for (const auto& [name, value] : headers) object.headers[name] = value;
    const auto checksum_name = std::string(checksum_prefix) + base::lower_case(upload->checksum_algorithm);
    for (const auto* part : parts) {
        const auto checksum = part->checksums.find(checksum_name);
        object.parts.push_back({part->blob, checksum == part->checksums.end() ? "" : checksum->second});
        object.size += part->blob->size();
    }
    // Store the object first: if the engine crashes in between, both records refer to the bytes. They are never lost.
    OSBOT_TRY(auto stored, s3_.put_object(account, bucket, std::move(object)));
    erase_records(bucket, *upload);
    buckets_[bucket].erase(id);
    return stored;
}

void S3_Uploads::erase_bucket(const std::string& bucket) {
    const auto uploads = buckets_.find(bucket);
    if (uploads == buckets_.end()) return;
    for (const auto& [id, upload] : uploads->second) erase_records(bucket, upload);
    buckets_.erase(uploads);
}

void S3_Uploads::erase_records(const std::string& bucket, const S3_Multipart_Upload& upload) {
    for (const auto& [number, part] : upload.parts) part_records_.erase(record_key(upload.id, std::to_string(number)));
    upload_records_.erase(record_key(bucket, upload.id));
}

std::string multipart_etag(const std::vector<S3_Listed_Part>& parts) {
    base::Md5 md5;
    for (const auto& part : parts) md5.update(base::hex_decode(part.etag).value_or(""));
    return fmt::format("{}-{}", base::hex_encode(md5.finish_raw()), parts.size());
}

const S3_Listed_Part* first_invalid_part(const S3_Multipart_Upload& upload, const std::vector<S3_Listed_Part>& parts) {
    const auto is_invalid = [&](const S3_Listed_Part& listed) {
        const auto part = upload.parts.find(listed.number);
        return part == upload.parts.end() || !matches(part->second, listed);
    };
    const auto found = std::ranges::find_if(parts, is_invalid);
    return found == parts.end() ? nullptr : &*found;
}

Result<std::vector<const S3_Uploaded_Part*>> find_listed_parts(const S3_Multipart_Upload& upload,
                                                               const std::vector<S3_Listed_Part>& listed_parts) {
    const auto out_of_order = [](const auto& a, const auto& b) { return a.number >= b.number; };
    if (std::ranges::adjacent_find(listed_parts, out_of_order) != listed_parts.end()) {
        return Error{"InvalidPartOrder",
                     "The list of parts was not in ascending order. The parts list must be specified in order by part "
                     "number.",
                     400};
    }
    if (first_invalid_part(upload, listed_parts) != nullptr) return invalid_part();
    std::vector<const S3_Uploaded_Part*> parts;
    for (const auto& listed : listed_parts) parts.push_back(&upload.parts.at(listed.number));
    const auto is_small = [&](const auto* part) {
        return part != parts.back() && part->blob->size() < s3_part_bytes_min;
    };
    if (std::ranges::any_of(parts, is_small))
        return Error{"EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400};
    return parts;
}

}  // namespace osbot_aws::services
