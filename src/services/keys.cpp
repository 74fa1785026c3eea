#include "services/keys.hpp"

#include <cstdint>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "wire/account_id.hpp"

namespace osbot_aws::services {
namespace {

// As in AWS's ids, the 16 characters after the prefix are 80 bits in base32: one bit that is set, the account (40
// bits), and random bits. This engine's ids have a check of 16 bits at the end, so that an id from AWS is not mistaken
// for one.
constexpr std::string_view session_prefix = "ASIA", user_prefix = "AKIA";
constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // RFC 4648
constexpr std::size_t id_characters = 16, id_bytes = 10, check_bytes = 2, account_digits = 12;
constexpr std::size_t checked_bytes = id_bytes - check_bytes;

std::string check_of(std::string_view bytes) {
    return base::sha256_raw(std::string("osbot_aws key ").append(bytes.substr(0, checked_bytes)))
        .substr(0, check_bytes);
}

std::string to_base32(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 5; count -= 5) text += digits[bits >> (count - 5) & 31];
    }
    return text;
}

/// Returns the bytes of an id, or "" if it has other characters.
std::string from_base32(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char character : text) {
        const std::size_t value = digits.find(character);
        if (value == std::string_view::npos) return "";
        bits = bits << 5 | static_cast<std::uint32_t>(value);
        if ((count += 5) < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 255);
    }
    return bytes;
}

std::string new_key(std::string_view prefix, std::string_view account_id) {
    std::string bytes = base::random_bytes(id_bytes);
    const std::uint64_t account = base::parse_number<std::uint64_t>(account_id).value_or(0);
    const std::uint64_t head = std::uint64_t{1} << 47 | account << 7 | (static_cast<unsigned char>(bytes[5]) & 127);
    for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<char>(head >> (8 * (5 - i)) & 255);
    bytes.replace(checked_bytes, check_bytes, check_of(bytes));
    return std::string(prefix) + to_base32(bytes);
}

std::optional<std::string> account_in_key(std::string_view prefix, std::string_view access_key_id) {
    if (!access_key_id.starts_with(prefix) || access_key_id.size() != prefix.size() + id_characters)
        return std::nullopt;
    const std::string bytes = from_base32(access_key_id.substr(prefix.size()));
    if (bytes.size() != id_bytes || bytes.substr(checked_bytes) != check_of(bytes)) return std::nullopt;
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < 6; ++i) head = head << 8 | static_cast<unsigned char>(bytes[i]);
    const std::string account = std::to_string(head >> 7 & ((std::uint64_t{1} << 40) - 1));
    if (account.size() > account_digits) return std::nullopt;
    return std::string(account_digits - account.size(), '0') + account;
}

}  // namespace

bool is_root_key(std::string_view access_key_id) {
    return access_key_id == root_key || wire::is_account_id(access_key_id);
}

std::optional<std::string> Keys::existing_secret(std::string_view access_key_id) const {
    if (is_root_key(access_key_id)) return std::string(root_secret);
    if (const auto user = users_.find(access_key_id); user != users_.end()) return user->second;
    return account_of_session_key(access_key_id) ? std::optional(secret_of(access_key_id)) : std::nullopt;
}

std::string new_session_key(std::string_view account_id) { return new_key(session_prefix, account_id); }
std::string new_user_key(std::string_view account_id) { return new_key(user_prefix, account_id); }

std::optional<std::string> account_of_session_key(std::string_view access_key_id) {
    return account_in_key(session_prefix, access_key_id);
}

std::optional<std::string> account_of_key(std::string_view access_key_id) {
    if (wire::is_account_id(access_key_id)) return std::string(access_key_id);
    if (auto account = account_in_key(user_prefix, access_key_id)) return account;
    return account_of_session_key(access_key_id);
}

}  // namespace osbot_aws::services
