#include "server/s3_upload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "server/s3_checksum.hpp"
#include "server/s3_object_headers.hpp"
#include "wire/aws_chunked.hpp"

namespace osbot_aws::server {
namespace {

bool is_chunked(const wire::Headers& headers) {
    return headers["Content-Encoding"].find("aws-chunked") != std::string_view::npos ||
           headers["x-amz-content-sha256"].starts_with("STREAMING-");
}

std::string lower(std::string_view text) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lowered;
}

using Checksums = std::map<std::string, std::unique_ptr<S3_Checksum>>;

/// The algorithms this request has checksums of, in headers now or in trailers later.
Result<Checksums> checksums_of(const wire::Headers& headers) {
    Checksums wanted;
    const auto want = [&](const std::string& name) -> Result<void> {
        auto checksum = S3_Checksum::of(std::string_view(name).substr(checksum_prefix.size()));
        if (!checksum)
            return Error{"NotImplemented", fmt::format("S3 {} is not implemented by this local engine", name), 501};
        wanted.emplace(name, std::move(checksum));
        return {};
    };
    for (const auto& [name, value] : headers) {
        auto candidate = lower(name) == "x-amz-trailer" ? lower(value) : lower(name);
        if (!candidate.starts_with(checksum_prefix)) continue;
        if (candidate == "x-amz-checksum-algorithm" || candidate == "x-amz-checksum-type" ||
            candidate == "x-amz-checksum-mode")
            continue;
        if (auto done = want(candidate); !done) return done.error();
    }
    return wanted;
}

/// Calls `take` with the body, piece by piece.
Result<void> for_each_piece(const wire::Body& body, const std::function<Result<void>(std::string_view)>& take) {
    if (!body.file) return take(body.bytes);
    std::ifstream file(body.file->path(), std::ios::binary);
    file.seekg(static_cast<std::streamoff>(body.file_offset));
    std::string piece(256 << 10, '\0');
    for (auto left = body.file_size; left > 0;) {
        const auto size = std::min<std::uint64_t>(left, piece.size());
        if (!file.read(piece.data(), static_cast<std::streamsize>(size))) {
            return Error{"ServiceException", "the spooled body could not be read", 500};
        }
        if (auto taken = take(std::string_view(piece).substr(0, size)); !taken) return taken;
        left -= size;
    }
    return {};
}

/// A decoded body: in memory like the body it came from, or in a file of its own.
class Decoded {
public:
    Decoded(const std::filesystem::path& folder, bool in_file) {
        if (in_file) file_.open(path_ = folder / ("upload-" + base::random_hex(16)), std::ios::binary);
    }
    ~Decoded() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove(path_, ignored);
    }
    Decoded(const Decoded&) = delete;
    Decoded& operator=(const Decoded&) = delete;

    Result<void> take(std::string_view bytes) {
        if (path_.empty())
            bytes_ += bytes;
        else if (!file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
            return full();
        return {};
    }
    Result<store::Blob> into(store::Blobs& blobs) {
        if (path_.empty()) return blobs.put(bytes_);
        file_.close();
        if (!file_) return full();
        return blobs.adopt(path_);
    }

private:
    static Error full() { return {"ServiceException", "the upload could not be written: the disk may be full", 500}; }

    std::filesystem::path path_;
    std::ofstream file_;
    std::string bytes_;
};

Result<void> check_md5(const wire::Headers& headers, const std::string& md5_raw) {
    const auto* expected = headers.find("Content-MD5");
    if (!expected) return {};
    const auto decoded = base::base64_decode(*expected);
    if (!decoded || decoded->size() != 16) {
        return Error{"InvalidDigest", "The Content-MD5 you specified was invalid.", 400};
    }
    if (*decoded != md5_raw) {
        return Error{"BadDigest", "The Content-MD5 you specified did not match what we received.", 400};
    }
    return {};
}

}  // namespace

Result<S3_Upload> take_upload(store::Blobs& blobs, const std::filesystem::path& folder, const wire::Request& request,
                              std::string_view algorithm) {
    auto checksums = checksums_of(request.headers);
    if (!checksums) return checksums.error();
    std::string own;  // the checksum that we make ourselves, because the client did not send it
    if (const auto name = fmt::format("{}{}", checksum_prefix, algorithm);
        !algorithm.empty() && !checksums->contains(name))
        (*checksums)[own = name] = S3_Checksum::of(algorithm);
    const auto& body = request.body;
    const bool chunked = is_chunked(request.headers);
    // A spooled body that is the object as it stands becomes the blob by a rename.
    const bool as_it_stands = !chunked && (!body.file || (body.file->temporary() && body.file_offset == 0));

    base::Md5 md5;
    Decoded decoded{folder, body.file != nullptr};
    const auto take = [&](std::string_view bytes) -> Result<void> {
        md5.update(bytes);
        for (auto& [name, checksum] : *checksums) checksum->update(bytes);
        return as_it_stands ? Result<void>{} : decoded.take(bytes);
    };
    wire::Aws_Chunked_Decoder decoder;
    auto read =
        for_each_piece(body, [&](std::string_view piece) { return chunked ? decoder.feed(piece, take) : take(piece); });
    if (read && chunked) read = decoder.finish();
    if (!read) return read.error();

    const auto md5_raw = md5.finish_raw();
    if (auto checked = check_md5(request.headers, md5_raw); !checked) return checked.error();
    S3_Upload upload;
    upload.md5 = base::hex_encode(md5_raw);
    for (auto& [name, checksum] : *checksums) {
        const auto found = base::base64_encode(checksum->finish_raw());
        const auto* in_header = request.headers.find(name);
        const std::string expected(name == own ? std::string_view(found)
                                   : in_header ? std::string_view(*in_header)
                                               : decoder.trailers()[name]);
        if (expected != found) {
            auto shown = name.substr(checksum_prefix.size());
            std::ranges::transform(shown, shown.begin(),
                                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            return Error{"BadDigest", fmt::format("The {} you specified did not match the calculated checksum.", shown),
                         400};
        }
        upload.checksums[name] = expected;
    }
    auto blob = !as_it_stands ? decoded.into(blobs)
                : body.file   ? blobs.adopt(body.file->path())
                              : blobs.put(body.bytes);
    if (!blob) return blob.error();
    upload.blob = *blob;
    return upload;
}

}  // namespace osbot_aws::server
