// The low-level functions, deprecated in OpenSSL 3 in favour of EVP: EVP in a static libcrypto pulls in every provider
// and algorithm (3 MB in each packed handler) and initialises the library at first use. These functions run the same
// assembler code without that cost.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.hpp"

#include <libdeflate.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <utility>

#include "base/encoding.hpp"

namespace osbot_aws::base {
namespace {

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string sha1_raw(std::string_view bytes) {
    Sha1 hash;  // not SHA1(): it uses EVP, which would link all of libcrypto into each packed handler
    hash.update(bytes);
    return hash.finish_raw();
}

/// Computes an HMAC (RFC 2104) with a hash that has blocks of 64 bytes. The signed data is short, so the key block and
/// the data are concatenated in memory.
template <class Hash>
std::string hmac(const Hash& hash, std::string_view key, std::string_view data) {
    constexpr std::size_t block_bytes = 64;
    std::string block(key.size() > block_bytes ? hash(key) : std::string(key));
    block.resize(block_bytes, '\0');
    std::string inner = block, outer = std::move(block);
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    return hash(outer.append(hash(inner.append(data))));
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }

struct Sha256::State {
    SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
void Sha256::update(std::string_view bytes) { SHA256_Update(&state_->context, bytes.data(), bytes.size()); }
std::string Sha256::finish_raw() {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256_Final(bytes_of(digest), &state_->context);
    return digest;
}

struct Sha1::State {
    SHA_CTX context;
};

Sha1::Sha1() : state_(std::make_unique<State>()) { SHA1_Init(&state_->context); }
Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;
void Sha1::update(std::string_view bytes) { SHA1_Update(&state_->context, bytes.data(), bytes.size()); }
std::string Sha1::finish_raw() {
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    SHA1_Final(bytes_of(digest), &state_->context);
    return digest;
}

struct Md5::State {
    MD5_CTX context;
};

Md5::Md5() : state_(std::make_unique<State>()) { MD5_Init(&state_->context); }
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;
void Md5::update(std::string_view bytes) { MD5_Update(&state_->context, bytes.data(), bytes.size()); }
std::string Md5::finish_raw() {
    std::string digest(MD5_DIGEST_LENGTH, '\0');
    MD5_Final(bytes_of(digest), &state_->context);
    return digest;
}

std::string sha256_raw(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish_raw();
}

std::string sha256_hex(std::string_view bytes) { return hex_encode(sha256_raw(bytes)); }

std::string sha1_hex(std::string_view bytes) { return hex_encode(sha1_raw(bytes)); }

std::string hmac_sha256_raw(std::string_view key, std::string_view data) { return hmac(sha256_raw, key, data); }
std::string hmac_sha1_raw(std::string_view key, std::string_view data) { return hmac(sha1_raw, key, data); }

std::string md5_hex(std::string_view bytes) {
    Md5 hash;
    hash.update(bytes);
    return hex_encode(hash.finish_raw());
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

}  // namespace osbot_aws::base
