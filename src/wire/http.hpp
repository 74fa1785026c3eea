#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::wire {

/// The file of a body, which is not changed and not deleted.
class Body_File {
public:
    explicit Body_File(std::filesystem::path path) : path_(std::move(path)) {}
    Body_File(const Body_File&) = delete;
    Body_File& operator=(const Body_File&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

class Body_Stream;

/// A slice of a file, for large bodies.
struct File_Slice {
    std::shared_ptr<const Body_File> file;
    std::uint64_t offset = 0, size = 0;
};

/// The body of a message: bytes in memory, a slice of a file, or a stream of bytes that are not available yet.
class Body {
public:
    Body() = default;
    Body(std::string bytes) : content_(std::move(bytes)) {}
    Body(std::string_view bytes) : content_(std::string(bytes)) {}
    Body(const char* bytes) : content_(std::string(bytes)) {}
    Body(File_Slice slice) : content_(std::move(slice)) {}
    Body(std::shared_ptr<Body_Stream> stream) {  ///< empty if it is nullptr
        if (stream) content_ = std::move(stream);
    }

    const std::string& bytes() const;     ///< "" if the bytes are not in memory
    void append(std::string_view piece);  ///< to the bytes in memory
    /// Moves the bytes in memory out of the body.
    std::string take();
    const File_Slice* file() const { return std::get_if<File_Slice>(&content_); }
    std::shared_ptr<Body_Stream> stream() const;  ///< body_stream.hpp; nullptr for other bodies
    std::uint64_t size() const { return file() != nullptr ? file()->size : bytes().size(); }  ///< 0 for a stream

private:
    std::variant<std::string, File_Slice, std::shared_ptr<Body_Stream>> content_;
};

/// Returns the bytes of a slice. Errors: ServiceException if the file cannot be read.
Result<std::string> read_slice(const File_Slice& slice);
/// Moves a body that is not a stream to memory and returns it. Errors as read_slice().
Result<std::string> take_bytes(Body& body);

/// Header fields in the order of arrival; names are case-insensitive. A list, because a message has only a few.
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    /// Returns the first field with this name, or nullptr.
    const std::string* find(std::string_view name) const;
    /// Returns the first field with this name, or "".
    std::string_view operator[](std::string_view name) const;
    /// Replaces all fields with this name by a single field.
    void set(std::string_view name, std::string value);
    /// Adds a field; existing fields with the same name are retained.
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void erase(std::string_view name);

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request that a server received or a client sends.
struct Request {
    std::string method = "GET";
    std::string target = "/";  ///< path and query, percent-encoded as on the wire
    Headers headers;
    Body body;

    std::string_view path() const;   ///< of target, still encoded
    std::string_view query() const;  ///< of target, without '?', still encoded
};

struct Response {
    int status = 200;
    Headers headers;
    Body body;
};

/// Decodes "a%20b" to "a b". `plus_is_space` is for query strings and forms. Invalid escapes are not changed.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
/// Encodes all characters except A-Z a-z 0-9 - _ . ~ (and '/' if `keep_slash`) as %XX, as AWS requires.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// Returns the decoded names and values of a query string or form, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
/// Returns the value of `name` in a parsed query, or nullopt.
std::optional<std::string> query_value(const std::vector<std::pair<std::string, std::string>>& query,
                                       std::string_view name);

}  // namespace osbot_aws::wire
