#include "server/s3_checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "base/hash.hpp"

namespace osbot_aws::server {
namespace {

constexpr std::uint32_t crc32_polynomial = 0xEDB88320U, crc32c_polynomial = 0x82F63B78U;
constexpr std::uint64_t crc64nvme_polynomial = 0x9A6C9329AC4BC9B5ULL;

/// A CRC whose bits come least significant first, which begins with ones and is inverted at its end: all of S3's are.
template <class Number, Number polynomial>
struct Crc {
    using Value = Number;
    static constexpr int bits = sizeof(Number) * 8;
    static constexpr Number one = Number{1} << (bits - 1);  // x^0; each shift to the right multiplies by x

    static constexpr Number times_x(Number value) {
        return static_cast<Number>((value >> 1) ^ ((value & 1) != 0 ? polynomial : 0));
    }

    // Table n: what a byte that n bytes follow does to the CRC, so that eight bytes are taken at once.
    using Tables = std::array<std::array<Number, 256>, 8>;
    static constexpr Tables make_tables() {
        Tables tables{};
        for (std::size_t byte = 0; byte < 256; ++byte) {
            auto value = static_cast<Number>(byte);
            for (int bit = 0; bit < 8; ++bit) value = times_x(value);
            tables[0][byte] = value;
        }
        for (std::size_t table = 1; table < 8; ++table) {
            for (std::size_t byte = 0; byte < 256; ++byte) {
                const Number before = tables[table - 1][byte];
                tables[table][byte] = static_cast<Number>((before >> 8) ^ tables[0][before & 0xFF]);
            }
        }
        return tables;
    }
    static const Tables& tables() {
        static const Tables made = make_tables();
        return made;
    }

    static Number update(Number value, std::string_view bytes) {
        static_assert(std::endian::native == std::endian::little);
        const auto& by = tables();
        for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, bytes.data(), 8);
            eight ^= value;
            value = by[7][eight & 0xFF] ^ by[6][eight >> 8 & 0xFF] ^ by[5][eight >> 16 & 0xFF] ^
                    by[4][eight >> 24 & 0xFF] ^ by[3][eight >> 32 & 0xFF] ^ by[2][eight >> 40 & 0xFF] ^
                    by[1][eight >> 48 & 0xFF] ^ by[0][eight >> 56];
        }
        for (const char c : bytes) value = (value >> 8) ^ by[0][(value ^ static_cast<unsigned char>(c)) & 0xFF];
        return value;
    }

    static Number product(Number a, Number b) {
        Number sum = 0;
        for (Number bit = one; bit != 0; bit >>= 1, b = times_x(b)) {
            if ((a & bit) != 0) sum ^= b;
        }
        return sum;
    }
    /// x^(8 * bytes): what that many bytes of zeros multiply a CRC by.
    static Number power(std::uint64_t bytes) {
        Number result = one, square = one >> 8;
        for (; bytes != 0; bytes >>= 1, square = product(square, square)) {
            if ((bytes & 1) != 0) result = product(result, square);
        }
        return result;
    }

    static std::string raw(Number value) {
        std::string bytes;
        for (int shift = bits - 8; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
        return bytes;
    }
    static Number number(std::string_view raw) {
        Number value = 0;
        for (const char c : raw) value = static_cast<Number>((value << 8) | static_cast<unsigned char>(c));
        return value;
    }
    static std::string of_all(const std::vector<S3_Part_Checksum>& parts) {
        Number value = 0;
        for (const auto& [checksum, size] : parts) value = product(value, power(size)) ^ number(checksum);
        return raw(value);
    }
};

using Crc32 = Crc<std::uint32_t, crc32_polynomial>;
using Crc32c = Crc<std::uint32_t, crc32c_polynomial>;
using Crc64nvme = Crc<std::uint64_t, crc64nvme_polynomial>;

template <class Kind>
class Crc_Checksum final : public S3_Checksum {
public:
    void update(std::string_view bytes) override { value_ = Kind::update(value_, bytes); }
    std::string finish_raw() override { return Kind::raw(~value_); }

private:
    typename Kind::Value value_ = ~typename Kind::Value{0};
};

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
    if (algorithm == "crc32") return std::make_unique<Crc_Checksum<Crc32>>();
    if (algorithm == "crc32c") return std::make_unique<Crc_Checksum<Crc32c>>();
    if (algorithm == "crc64nvme") return std::make_unique<Crc_Checksum<Crc64nvme>>();
    if (algorithm == "sha1") return std::make_unique<Hash_Checksum<base::Sha1>>();
    if (algorithm == "sha256") return std::make_unique<Hash_Checksum<base::Sha256>>();
    return nullptr;
}

std::optional<std::string> full_object_checksum(std::string_view algorithm,
                                                const std::vector<S3_Part_Checksum>& parts) {
    if (algorithm == "crc32") return Crc32::of_all(parts);
    if (algorithm == "crc32c") return Crc32c::of_all(parts);
    if (algorithm == "crc64nvme") return Crc64nvme::of_all(parts);
    return std::nullopt;
}

std::optional<std::string> composite_checksum(std::string_view algorithm, const std::vector<S3_Part_Checksum>& parts) {
    const auto checksum = S3_Checksum::of(algorithm);
    if (!checksum) return std::nullopt;
    for (const auto& [raw, size] : parts) checksum->update(raw);
    return checksum->finish_raw();
}

}  // namespace osbot_aws::server
