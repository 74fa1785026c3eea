#include "services/s3/s3_checksum.hpp"

#include "base/crc.hpp"
#include "base/hash.hpp"

namespace osbot_aws::services {
namespace {

template <class Number>
std::string raw(Number value) {
    std::string bytes;
    for (int shift = sizeof(Number) * 8 - 8; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
}

template <class Crc>
class Crc_Checksum final : public S3_Checksum {
public:
    void update(std::string_view bytes) override { crc_.update(bytes); }
    std::string finish_raw() override { return raw(crc_.value()); }

private:
    Crc crc_;
};

template <class Crc>
std::string crc_of_all(const std::vector<S3_Part_Checksum>& parts) {
    auto all = Crc{}.value();
    for (const auto& [checksum, size] : parts) {
        decltype(all) value = 0;
        for (const char c : checksum) value = (value << 8) | static_cast<unsigned char>(c);
        all = Crc::joined(all, value, size);
    }
    return raw(all);
}

template <class Hash>
class Hash_Checksum final : public S3_Checksum {
public:
    void update(std::string_view bytes) override { hash_.update(bytes); }
    std::string finish_raw() override { return hash_.finish_raw(); }

private:
    Hash hash_;
};

}  // namespace

Error unsupported_checksum() {
    return {"InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, "
            "CRC64NVME, SHA1, SHA256]",
            400};
}

std::unique_ptr<S3_Checksum> S3_Checksum::of(std::string_view algorithm) {
    if (algorithm == "crc32") return std::make_unique<Crc_Checksum<base::Crc32>>();
    if (algorithm == "crc32c") return std::make_unique<Crc_Checksum<base::Crc32c>>();
    if (algorithm == "crc64nvme") return std::make_unique<Crc_Checksum<base::Crc64nvme>>();
    if (algorithm == "sha1") return std::make_unique<Hash_Checksum<base::Sha1>>();
    if (algorithm == "sha256") return std::make_unique<Hash_Checksum<base::Sha256>>();
    return nullptr;
}

std::optional<std::string> full_object_checksum(std::string_view algorithm,
                                                const std::vector<S3_Part_Checksum>& parts) {
    if (algorithm == "crc32") return crc_of_all<base::Crc32>(parts);
    if (algorithm == "crc32c") return crc_of_all<base::Crc32c>(parts);
    if (algorithm == "crc64nvme") return crc_of_all<base::Crc64nvme>(parts);
    return std::nullopt;
}

std::optional<std::string> composite_checksum(std::string_view algorithm, const std::vector<S3_Part_Checksum>& parts) {
    const auto checksum = S3_Checksum::of(algorithm);
    if (!checksum) return std::nullopt;
    for (const auto& [raw, size] : parts) checksum->update(raw);
    return checksum->finish_raw();
}

}  // namespace osbot_aws::services
