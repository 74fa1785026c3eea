#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/characters.hpp"

namespace osbot_aws::base {

/// Computes a SHA-256 incrementally.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    /// Returns the 32 bytes of the hash. The object cannot be used afterwards.
    std::string finish_raw();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Computes a SHA-1 incrementally. Only for names and checksums of foreign formats, not for security.
class Sha1 {
public:
    Sha1();
    ~Sha1();
    Sha1(Sha1&&) noexcept;
    Sha1& operator=(Sha1&&) noexcept;
    void update(std::string_view bytes);
    std::string finish_raw();  ///< 20 bytes

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Computes an MD5 incrementally. Only for S3's ETag, not for security.
class Md5 {
public:
    Md5();
    ~Md5();
    Md5(Md5&&) noexcept;
    Md5& operator=(Md5&&) noexcept;
    void update(std::string_view bytes);
    std::string finish_raw();  ///< 16 bytes

private:
    struct State;
    std::unique_ptr<State> state_;
};

inline constexpr std::size_t sha256_digits = 64;

/// Returns true if the text can be a result of sha256_hex().
constexpr bool is_sha256_hex(std::string_view text) {
    return text.size() == sha256_digits && consists_of(text, is_hex_digit);
}

std::string sha256_raw(std::string_view bytes);  ///< 32 bytes
std::string sha256_hex(std::string_view bytes);  ///< 64 lower-case digits
std::string hmac_sha256_raw(std::string_view key, std::string_view data);
std::string hmac_sha1_raw(std::string_view key, std::string_view data);  ///< for S3's older signatures
/// CRC-32 of IEEE 802.3, as used by zip files and event streams.
std::uint32_t crc32(std::string_view bytes);
std::string sha1_hex(std::string_view bytes);  ///< 40 digits
std::string md5_hex(std::string_view bytes);

/// Compares secrets in a time that depends only on their lengths.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace osbot_aws::base
