#include "services/s3/forms/form_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/characters.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t fields_bytes_max = 20 * 1024;  ///< of all fields before the file, as on AWS
constexpr std::size_t boundary_characters_max = 70;  ///< RFC 2046
constexpr std::size_t head_bytes_max = 8 * 1024, parts_max = 1000;
constexpr std::string_view line_end = "\r\n", head_end = "\r\n\r\n";

Error malformed_form() {
    return {"MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", 400};
}

/// Takes the value of a parameter, which may be in quotes, and the `;` after it.
std::string_view take_value(std::string_view& rest) {
    if (!base::take_prefix(rest, "\"")) return base::trimmed(base::take_until(rest, ';'), " ");
    const std::string_view value = base::take_until(rest, '"');
    base::take_until(rest, ';');
    return value;
}

/// Returns a parameter of a header: the `boundary` of Content-Type, the `name` of Content-Disposition.
std::string parameter_of(std::string_view header, std::string_view name) {
    base::take_until(header, ';');
    while (!header.empty()) {
        const std::string_view key = base::trimmed(base::take_until(header, '='), " ");
        const std::string_view value = take_value(header);
        if (base::equal_ignoring_case(key, name)) return std::string(value);
    }
    return "";
}

/// A part of the body: a field or the file.
struct Part {
    std::string name, file_name;
    std::string_view content;
};

Part part_of(std::string_view head, std::string_view content) {
    Part part{.name = {}, .file_name = {}, .content = content};
    while (!head.empty()) {
        const auto end = std::min(head.find(line_end), head.size());
        std::string_view value = head.substr(0, end);
        head.remove_prefix(std::min(end + line_end.size(), head.size()));
        if (!base::equal_ignoring_case(base::take_until(value, ':'), "Content-Disposition")) continue;
        part.name = base::lower_case(parameter_of(value, "name"));
        part.file_name = parameter_of(value, "filename");
    }
    return part;
}

/// Reads the parts of a body in their order.
class Part_Reader {
public:
    Part_Reader(std::string_view body, const std::string& boundary)
        : rest_(body), delimiter_(fmt::format("\r\n--{}", boundary)), first_(delimiter_.substr(line_end.size())) {}

    /// Skips the first delimiter. Returns false if the body does not begin with it.
    bool begin() { return base::take_prefix(rest_, first_); }

    /// Returns the next part, or nullopt at the end. Errors: MalformedPOSTRequest.
    Result<std::optional<Part>> next() {
        if (rest_.starts_with("--")) return std::optional<Part>{};
        if (!base::take_prefix(rest_, line_end)) return malformed_form();
        const auto head = rest_.find(head_end);
        if (head == std::string_view::npos || head > head_bytes_max || ++parts_ > parts_max) return malformed_form();
        const auto content = rest_.substr(head + head_end.size());
        const auto end = content.find(delimiter_);
        if (end == std::string_view::npos) return malformed_form();
        auto part = part_of(rest_.substr(0, head), content.substr(0, end));
        rest_ = content.substr(end + delimiter_.size());
        return std::optional(std::move(part));
    }

private:
    std::string_view rest_;
    const std::string delimiter_, first_;
    std::size_t parts_ = 0;
};

}  // namespace

std::string S3_Form::text(std::string_view name) const {
    const auto found = std::ranges::find_if(fields, [&](const auto& field) { return field.first == name; });
    return found == fields.end() ? "" : found->second;
}

bool S3_Form::has(std::string_view name) const {
    return std::ranges::any_of(fields, [&](const auto& field) { return field.first == name; });
}

Result<S3_Form> parse_form(std::string_view content_type, std::string_view body) {
    const std::string boundary = parameter_of(content_type, "boundary");
    Part_Reader reader(body, boundary);
    if (boundary.empty() || boundary.size() > boundary_characters_max || !reader.begin()) return malformed_form();
    S3_Form form;
    std::size_t bytes = 0;
    while (!form.has_file) {
        OSBOT_TRY(const auto part, reader.next());
        if (!part) break;
        form.has_file = part->name == "file";
        if (form.has_file) {
            form.file = part->content;
            form.file_name = part->file_name.substr(part->file_name.find_last_of("/\\") + 1);
            continue;
        }
        bytes += part->name.size() + part->content.size();
        if (bytes > fields_bytes_max)
            return Error{"MaxPostPreDataLengthExceededError",
                         "Your POST request fields preceding the upload file were too large.", 400};
        form.fields.emplace_back(part->name, part->content);
    }
    return form;
}

}  // namespace osbot_aws::services
