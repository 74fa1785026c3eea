#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace osbot_aws::base {

/// SHA-256 of what is given in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    /// 32 bytes; the object is spent afterwards.
    std::string finish_raw();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// SHA-1 of what is given in pieces: names and sums that others have chosen, nothing to trust.
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

/// MD5 of what is given in pieces: for S3's ETag, not for trust.
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

std::string sha256_raw(std::string_view bytes);  ///< 32 bytes
std::string sha256_hex(std::string_view bytes);  ///< 64 lower-case digits
std::string hmac_sha256_raw(std::string_view key, std::string_view data);
std::string hmac_sha1_raw(std::string_view key, std::string_view data);  ///< for S3's older signatures
/// Of IEEE 802.3, as zips and event streams have it.
std::uint32_t crc32(std::string_view bytes);
std::string sha1_hex(std::string_view bytes);  ///< 40 digits
std::string md5_hex(std::string_view bytes);

/// Compares secrets in a time that depends on their lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace osbot_aws::base
