#include "wire/http.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace osbot_aws::wire {
namespace {

int hex_value(char c) {
    if ('0' <= c && c <= '9') return c - '0';
    if ('a' <= c && c <= 'f') return c - 'a' + 10;
    if ('A' <= c && c <= 'F') return c - 'A' + 10;
    return -1;
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (UriEncode)
bool unreserved(char c) {
    return ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

}  // namespace

const std::string& Body::bytes() const {
    static const std::string none;
    const auto* const in_memory = std::get_if<std::string>(&content_);
    return in_memory == nullptr ? none : *in_memory;
}

void Body::append(std::string_view piece) { std::get<std::string>(content_) += piece; }

std::string Body::take() {
    auto* const in_memory = std::get_if<std::string>(&content_);
    return in_memory == nullptr ? std::string() : std::exchange(*in_memory, {});
}

std::shared_ptr<Body_Stream> Body::stream() const {
    const auto* const found = std::get_if<std::shared_ptr<Body_Stream>>(&content_);
    return found == nullptr ? nullptr : *found;
}

Result<std::string> read_slice(const File_Slice& slice) {
    std::ifstream file(slice.file->path(), std::ios::binary);
    file.seekg(static_cast<std::streamoff>(slice.offset));
    std::string bytes(slice.size, '\0');
    if (file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return bytes;
    return Error{"ServiceException", "the body's file could not be read", 500};
}

Result<std::string> take_bytes(Body& body) {
    Body moved = std::exchange(body, {});
    return moved.file() != nullptr ? read_slice(*moved.file()) : Result<std::string>(moved.take());
}

const std::string* Headers::find(std::string_view name) const {
    for (const auto& [field, value] : fields_) {
        if (base::equal_ignoring_case(field, name)) return &value;
    }
    return nullptr;
}

std::string_view Headers::operator[](std::string_view name) const {
    const std::string* value = find(name);
    return value ? std::string_view{*value} : std::string_view{};
}

void Headers::set(std::string_view name, std::string value) {
    erase(name);
    fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::erase(std::string_view name) {
    std::erase_if(fields_, [&](const auto& field) { return base::equal_ignoring_case(field.first, name); });
}

std::string_view Request::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view Request::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (unreserved(c) || (keep_slash && c == '/')) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parsed;
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        parsed.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
    }
    return parsed;
}

std::optional<std::string> query_value(const std::vector<std::pair<std::string, std::string>>& query,
                                       std::string_view name) {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

}  // namespace osbot_aws::wire
