#include "services/s3/stored_object.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/numbers.hpp"

namespace osbot_aws::services {
namespace {

/// Removes the first line and its newline from `text`, and returns the line.
std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

// Names of the properties of a version. No checksum has such a name.
constexpr std::string_view version_name = "@version", sequence_name = "@sequence", upload_name = "@upload",
                           marker_name = "@delete_marker";

void add_lines(std::string& text, std::string_view name, std::string_view value) {
    text.append("\n").append(name).append("\n").append(value);
}

/// Sets the checksum or the property with this name.
void set_line(S3_Object& object, std::string_view name, std::string_view value) {
    if (name == version_name)
        object.version = value;
    else if (name == sequence_name)
        object.sequence = base::parse_number<std::uint64_t>(value).value_or(0);
    else if (name == upload_name)
        object.upload_id = value;
    else if (name == marker_name)
        object.is_delete_marker = true;
    else
        object.headers.emplace(std::string(checksum_prefix).append(name), value);
}

}  // namespace

S3_Description_Ptr S3_Descriptions::share(S3_Description description) {
    if (const auto found = known_.find(&description); found != known_.end()) return found->second.lock();
    S3_Description_Ptr created{new S3_Description(std::move(description)), [this](const S3_Description* unused) {
                                   known_.erase(unused);
                                   delete unused;
                               }};
    known_.emplace(created.get(), created);
    return created;
}

Stored_Object::Stored_Object(const S3_Object& object, S3_Descriptions& descriptions)
    : blob_(object.blob), size_(object.size), modified_ms_(object.modified_ms), sums_(object.etag) {
    if (!object.parts.empty()) parts_ = std::make_unique<const std::vector<S3_Part>>(object.parts);
    S3_Description description{.headers = {}, .tags = object.tags, .acl = object.acl};
    for (const auto& [name, value] : object.headers) {
        if (name.starts_with(checksum_prefix))
            add_lines(sums_, std::string_view(name).substr(checksum_prefix.size()), value);
        else
            description.headers.emplace(name, value);
    }
    if (!object.version.empty()) add_lines(sums_, version_name, object.version);
    if (object.sequence > 0) add_lines(sums_, sequence_name, std::to_string(object.sequence));
    if (!object.upload_id.empty()) add_lines(sums_, upload_name, object.upload_id);
    if (object.is_delete_marker) add_lines(sums_, marker_name, "1");
    sums_.shrink_to_fit();
    description_ = descriptions.share(std::move(description));
}

std::string_view Stored_Object::value_of(std::string_view name) const {
    std::string_view sums = sums_;
    take_line(sums);
    while (!sums.empty()) {
        const auto found = take_line(sums), value = take_line(sums);
        if (found == name) return value;
    }
    return {};
}

std::string_view Stored_Object::version() const { return value_of(version_name); }
std::uint64_t Stored_Object::sequence() const {
    return base::parse_number<std::uint64_t>(value_of(sequence_name)).value_or(0);
}
bool Stored_Object::is_delete_marker() const { return !value_of(marker_name).empty(); }

S3_Object_Ptr Stored_Object::object(const std::string& key) const {
    auto object = std::make_shared<S3_Object>();
    object->key = key;
    object->blob = blob_;
    if (parts_) object->parts = *parts_;
    object->size = size_;
    object->modified_ms = modified_ms_;
    object->headers = description_->headers;
    object->tags = description_->tags;
    object->acl = description_->acl;
    std::string_view sums = sums_;
    object->etag = take_line(sums);
    while (!sums.empty()) {
        const auto name = take_line(sums), value = take_line(sums);
        set_line(*object, name, value);
    }
    return object;
}

}  // namespace osbot_aws::services
