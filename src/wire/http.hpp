#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::wire {

/// A file that is deleted with the last body that holds it (spooled uploads), or one that stays (a blob).
class Body_File {
public:
    Body_File(std::filesystem::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
    ~Body_File();
    Body_File(const Body_File&) = delete;
    Body_File& operator=(const Body_File&) = delete;
    const std::filesystem::path& path() const { return path_; }
    bool temporary() const { return temporary_; }

private:
    std::filesystem::path path_;
    bool temporary_;
};

class Body_Stream;

/// Bytes of a message: in memory, or a slice of a file where they may be large, or a stream of those that are still to
/// come. Never two of them.
struct Body {
    std::string bytes;
    std::shared_ptr<const Body_File> file;
    std::uint64_t file_offset = 0;
    std::uint64_t file_size = 0;
    std::shared_ptr<Body_Stream> stream = {};  ///< body_stream.hpp

    std::uint64_t size() const { return file ? file_size : bytes.size(); }
};

/// All of a body in memory; leaves it empty. Errors: ServiceException when its file can't be read.
Result<std::string> take_bytes(Body& body);

/// Header fields in the order they came; names compare without case. A few per message, so a list, not a map.
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    /// The first field of that name, or nullptr.
    const std::string* find(std::string_view name) const;
    /// The first field of that name, or "".
    std::string_view operator[](std::string_view name) const;
    /// Replaces every field of that name by one.
    void set(std::string_view name, std::string value);
    /// Adds a field beside any of the same name.
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void erase(std::string_view name);

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// One request as a server received it or a client will send it; no sockets here.
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

/// "a%20b" -> "a b"; `plus_is_space` for query strings and forms. Broken escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
/// AWS's rule: everything but A-Z a-z 0-9 - _ . ~ (and '/' when `keep_slash`) becomes %XX.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// Decoded names and values of a query string or form, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
/// The value of `name` in a parsed query, if it is there.
std::optional<std::string> query_value(const std::vector<std::pair<std::string, std::string>>& query,
                                       std::string_view name);

}  // namespace osbot_aws::wire
