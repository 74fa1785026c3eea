#include "services/s3/stored_object.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace osbot_aws::services {
namespace {

/// Removes the first line and its newline from `text`, and returns the line.
std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
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
    S3_Description description{.headers = {}, .tags = object.tags};
    for (const auto& [name, value] : object.headers) {
        if (name.starts_with(checksum_prefix))
            sums_.append("\n").append(name, checksum_prefix.size()).append("\n").append(value);
        else
            description.headers.emplace(name, value);
    }
    sums_.shrink_to_fit();
    description_ = descriptions.share(std::move(description));
}

S3_Object_Ptr Stored_Object::object(const std::string& key) const {
    auto object = std::make_shared<S3_Object>();
    object->key = key;
    object->blob = blob_;
    if (parts_) object->parts = *parts_;
    object->size = size_;
    object->modified_ms = modified_ms_;
    object->headers = description_->headers;
    object->tags = description_->tags;
    std::string_view sums = sums_;
    object->etag = take_line(sums);
    while (!sums.empty()) {
        const auto name = take_line(sums), value = take_line(sums);
        object->headers.emplace(std::string(checksum_prefix).append(name), value);
    }
    return object;
}

}  // namespace osbot_aws::services
