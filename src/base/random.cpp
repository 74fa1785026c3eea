#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "base/encoding.hpp"

namespace osbot_aws::base {
namespace {

/// Buffers random bytes: getrandom is a system call and an id needs only 16 bytes, so each thread fetches the bytes of
/// many ids in one call.
class Pool {
public:
    void take(char* out, std::size_t count) {
        if (count > sizeof bytes_) return fill(out, count);
        if (used_ + count > sizeof bytes_) {
            fill(bytes_, sizeof bytes_);
            used_ = 0;
        }
        std::memcpy(out, bytes_ + used_, count);
        std::memset(bytes_ + used_, 0, count);  // bytes that were handed out must not stay in memory
        used_ += count;
    }

private:
    static void fill(char* out, std::size_t count) {
        while (count > 0) {
            const ssize_t received = ::getrandom(out, count, 0);
            if (received < 0 && errno == EINTR) continue;
            if (received < 0) throw std::runtime_error("getrandom failed: the kernel provides no random bytes");
            out += received;
            count -= static_cast<std::size_t>(received);
        }
    }

    char bytes_[512];
    std::size_t used_ = sizeof bytes_;
};

}  // namespace

std::string random_bytes(std::size_t count) {
    thread_local Pool pool;
    std::string bytes(count, '\0');
    pool.take(bytes.data(), count);
    return bytes;
}

std::string uuid4() {
    std::string bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string id = hex_encode(bytes);
    for (const std::size_t at : {20u, 16u, 12u, 8u}) id.insert(at, 1, '-');
    return id;
}

double random_fraction() {
    std::uint64_t bits = 0;
    std::memcpy(&bits, random_bytes(sizeof bits).data(), sizeof bits);
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

std::string random_hex(std::size_t digits) {
    std::string text = hex_encode(random_bytes((digits + 1) / 2));
    text.resize(digits);
    return text;
}

std::string random_alphanumeric(std::size_t count) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    while (text.size() < count) {
        for (const char c : random_bytes(count)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 252 && text.size() < count)
                text += alphabet[byte % 36];  // 252 = 7 * 36: all letters are equally likely
        }
    }
    return text;
}

}  // namespace osbot_aws::base
