#include "services/s3/s3_integrity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/models/models.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "services/s3/s3_object_headers.hpp"

namespace osbot_aws::services {
namespace {

/// The header in which an SDK names the algorithm of the checksum in another header or in a trailer.
constexpr std::string_view sdk_algorithm = "x-amz-sdk-checksum-algorithm";

bool names_no_value(std::string_view header) {
    return header == "x-amz-checksum-algorithm" || header == "x-amz-checksum-type" || header == "x-amz-checksum-mode";
}

/// Returns true if a value is the base64 of as many bytes as the algorithm has, or is missing: then the header or the
/// trailer is.
bool may_be_checksum(std::string_view value, std::string_view algorithm) {
    const auto raw = base::base64_decode(value);
    if (value.empty()) return true;
    return raw && base::base64_encode(*raw) == value && raw->size() == S3_Checksum::of(algorithm)->finish_raw().size();
}

}  // namespace

bool is_sha256(std::string_view text) { return base::is_sha256_hex(base::lower_case(text)); }

S3_Integrity::S3_Integrity(const wire::Headers& headers, const S3_Added_Checksum& added)
    : md5_expected_(headers["Content-MD5"]) {
    add_declared(headers);
    has_declared_ = !md5_expected_.empty() || !checksums_.empty();
    check_announced(headers[sdk_algorithm]);
    add_checksum_of_engine(added);
}

/// Adds the checksums that the request declares in headers or announces for trailers.
void S3_Integrity::add_declared(const wire::Headers& headers) {
    for (const auto& [name, value] : headers) {
        const auto header = base::lower_case(base::lower_case(name) == "x-amz-trailer" ? value : name);
        if (!header.starts_with(checksum_prefix) || names_no_value(header)) continue;
        const auto algorithm = std::string_view(header).substr(checksum_prefix.size());
        auto checksum = S3_Checksum::of(algorithm);
        if (checksum && !may_be_checksum(headers[header], algorithm))
            failed_ = Error{"InvalidRequest", fmt::format("Value for {} header is invalid.", header), 400};
        if (checksum) {
            checksums_.push_back({header, std::string(headers[header]), std::move(checksum)});
        } else {
            failed_ =
                Error{"InvalidRequest", "The algorithm type you specified in x-amz-checksum- header is invalid.", 400};
        }
    }
}

/// Checks that the request has a checksum of the algorithm that it names. Messages:
/// https://github.com/openstack/swift, swift/common/middleware/s3api/s3request.py.
void S3_Integrity::check_announced(std::string_view algorithm) {
    if (algorithm.empty() || failed_) return;
    if (checksums_.empty()) {
        failed_ =
            Error{"InvalidRequest",
                  "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                  "headers were found.",
                  400};
        return;
    }
    const std::string name = fmt::format("{}{}", checksum_prefix, base::lower_case(algorithm));
    if (std::ranges::none_of(checksums_, [&](const Expected& declared) { return declared.name == name; }))
        failed_ = Error{"InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.", 400};
}

void S3_Integrity::add_checksum_of_engine(const S3_Added_Checksum& added) {
    if (added.only_if_none_declared && !checksums_.empty()) return;
    const std::string name = fmt::format("{}{}", checksum_prefix, added.algorithm);
    if (std::ranges::any_of(checksums_, [&](const Expected& declared) { return declared.name == name; })) return;
    if (auto checksum = S3_Checksum::of(added.algorithm)) checksums_.push_back({name, "", std::move(checksum), true});
}

void S3_Integrity::update(std::string_view bytes) {
    md5_.update(bytes);
    for (auto& expected : checksums_) expected.checksum->update(bytes);
}

Result<void> S3_Integrity::check_md5(const std::string& md5) const {
    if (md5_expected_.empty()) return {};
    const auto decoded = base::base64_decode(md5_expected_);
    if (!decoded || decoded->size() != md5.size())
        return Error{"InvalidDigest", "The Content-MD5 you specified was invalid.", 400};
    if (*decoded != md5)
        return Error{"BadDigest", "The Content-MD5 you specified did not match what we received.", 400};
    return {};
}

Result<S3_Sums> S3_Integrity::check(const wire::Headers& trailers) {
    if (failed_) return *failed_;
    const std::string md5 = md5_.finish_raw();
    OSBOT_TRY(check_md5(md5));
    S3_Sums sums{.md5 = base::hex_encode(md5), .declared = {}, .added = {}};
    for (const auto& [name, header, checksum, added] : checksums_) {
        if (!added && header.empty() && !may_be_checksum(trailers[name], name.substr(checksum_prefix.size())))
            return Error{"InvalidRequest", fmt::format("Value for {} trailing header is invalid.", name), 400};
        const std::string found = base::base64_encode(checksum->finish_raw());
        if (added) {
            sums.added[name] = found;
        } else if (found == (header.empty() ? trailers[name] : std::string_view(header))) {
            sums.declared[name] = found;
        } else {
            return Error{"BadDigest",
                         fmt::format("The {} you specified did not match the calculated checksum.",
                                     base::upper_case(std::string_view(name).substr(checksum_prefix.size()))),
                         400};
        }
    }
    return sums;
}

Result<void> check_content_sha256(const Call& call, std::string_view bytes) {
    return check_content_sha256(call, [&] { return base::sha256_hex(bytes); });
}

Result<void> check_content_sha256(const Call& call, const std::function<std::string()>& compute_sha256) {
    const auto declared = call.request.headers["x-amz-content-sha256"];
    if (!is_sha256(declared)) return {};
    const auto sha256 = compute_sha256();
    if (base::lower_case(declared) == sha256) return {};
    return refuse(call,
                  {"XAmzContentSHA256Mismatch",
                   "The provided 'x-amz-content-sha256' header does not match what was computed.", 400},
                  {{"ClientComputedContentSHA256", std::string(declared)}, {"S3ComputedContentSHA256", sha256}});
}

Result<void> check_body_integrity(const aws::Operation& operation, const Call& call, const wire::Headers& trailers) {
    const auto& model = aws::s3_model();
    const aws::Member* algorithm = model.find_member(model.shape(operation.input), "ChecksumAlgorithm");
    if (algorithm == nullptr || algorithm->on_wire() != sdk_algorithm) return {};
    S3_Integrity integrity(call.request.headers, {});
    integrity.update(call.request.body.bytes());
    if (const auto checked = integrity.check(trailers); !checked) return refuse_integrity(call, checked.error());
    return {};
}

Error refuse_integrity(const Call& call, const Error& error) {
    if (error.code != "InvalidDigest") return error;
    return refuse(call, error, {{"Content-MD5", std::string(call.request.headers["Content-MD5"])}});
}

Result<void> check_has_integrity(const Call& call) {
    if (S3_Integrity(call.request.headers, {}).has_declared()) return {};
    return Error{"InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*", 400};
}

}  // namespace osbot_aws::services
