#include "services/s3/object_versions.hpp"

#include <utility>

#include "services/s3/version_id.hpp"

namespace osbot_aws::services {

S3_Object_Versions::Older::Position S3_Object_Versions::Older::find(std::string_view version) const {
    const auto sequence = version.empty() ? null_sequence : std::optional(sequence_of_id(version));
    const auto found = sequence ? by_sequence.find(*sequence) : by_sequence.end();
    return found != by_sequence.end() && found->second.version() == version ? found : by_sequence.end();
}

void S3_Object_Versions::Older::add(Stored_Object stored) {
    const std::uint64_t sequence = stored.sequence();
    if (stored.version().empty()) null_sequence = sequence;
    by_sequence.insert_or_assign(sequence, std::move(stored));
}

Stored_Object S3_Object_Versions::Older::take(Position position) {
    if (null_sequence == position->first) null_sequence = std::nullopt;
    return std::move(by_sequence.extract(position).mapped());
}

S3_Object_Ptr S3_Object_Versions::newest(const std::string& key) const {
    if (const auto current = current_.find(key); current != current_.end()) return current->second.object(key);
    const auto older = older_.find(key);
    return older == older_.end() ? nullptr : older->second.newest().object(key);
}

S3_Object_Ptr S3_Object_Versions::find(const std::string& key, std::string_view version) const {
    const auto current = current_.find(key);
    if (current != current_.end() && current->second.version() == version) return current->second.object(key);
    const auto older = older_.find(key);
    if (older == older_.end()) return nullptr;
    const auto found = older->second.find(version);
    return found == older->second.by_sequence.end() ? nullptr : found->second.object(key);
}

void S3_Object_Versions::visit(const std::string& key, std::optional<std::uint64_t> before,
                               const std::function<bool(const Listed_Version&)>& visit) const {
    const auto current = current_.find(key);
    const bool has_current = current != current_.end();
    if (has_current && (!before || current->second.sequence() < *before) && !visit({current->second.object(key), true}))
        return;
    const auto older = older_.find(key);
    if (older == older_.end()) return;
    const auto& versions = older->second.by_sequence;
    for (auto next = before ? versions.lower_bound(*before) : versions.end(); next != versions.begin();) {
        const bool is_latest = !has_current && next == versions.end();
        --next;
        if (!visit({next->second.object(key), is_latest})) return;
    }
}

const std::string* S3_Object_Versions::key_from(const std::string& key) const {
    const auto current = current_.lower_bound(key);
    const auto older = older_.lower_bound(key);
    const std::string* first = current == current_.end() ? nullptr : &current->first;
    if (older != older_.end() && (first == nullptr || older->first < *first)) first = &older->first;
    return first;
}

void S3_Object_Versions::add(const S3_Object& object, S3_Descriptions& descriptions) {
    Stored_Object stored(object, descriptions);
    const auto current = current_.find(object.key);
    const auto older = older_.find(object.key);
    const bool is_current_newer = current != current_.end() && current->second.sequence() > object.sequence;
    const bool is_marker_newer =
        current == current_.end() && older != older_.end() && older->second.newest_sequence() > object.sequence;
    if (!is_current_newer && !is_marker_newer) return add_newest(object.key, std::move(stored));
    older_[object.key].add(std::move(stored));
}

void S3_Object_Versions::add_newest(const std::string& key, Stored_Object stored) {
    const auto current = current_.find(key);
    if (current != current_.end()) older_[key].add(std::move(current->second));
    if (stored.is_delete_marker()) {
        older_[key].add(std::move(stored));
        if (current != current_.end()) current_.erase(current);
    } else if (current != current_.end()) {
        current->second = std::move(stored);
    } else {
        current_.emplace(key, std::move(stored));
    }
}

void S3_Object_Versions::put(const S3_Object& object, S3_Descriptions& descriptions) {
    const auto current = current_.find(object.key);
    const bool is_only = older_.empty() && !object.is_delete_marker;
    if (is_only && current != current_.end() && current->second.version() == object.version) {
        current->second = {object, descriptions};
        return;
    }
    take(object.key, object.version);
    add(object, descriptions);
}

S3_Object_Ptr S3_Object_Versions::erase(const std::string& key, std::string_view version) {
    const auto taken = take(key, version);
    return taken ? taken->object(key) : nullptr;
}

std::optional<Stored_Object> S3_Object_Versions::take(const std::string& key, std::string_view version) {
    std::optional<Stored_Object> taken;
    const auto current = current_.find(key);
    if (current != current_.end() && current->second.version() == version) {
        taken = std::move(current->second);
        current_.erase(current);
    } else if (const auto older = older_.find(key); older != older_.end()) {
        const auto found = older->second.find(version);
        if (found == older->second.by_sequence.end()) return std::nullopt;
        taken = older->second.take(found);
    }
    if (taken) promote(key);
    return taken;
}

void S3_Object_Versions::promote(const std::string& key) {
    const auto found = older_.find(key);
    if (found == older_.end()) return;
    Older& older = found->second;
    if (!current_.contains(key) && !older.by_sequence.empty() && !older.newest().is_delete_marker())
        current_.emplace(key, older.take(std::prev(older.by_sequence.end())));
    if (older.by_sequence.empty()) older_.erase(found);
}

}  // namespace osbot_aws::services
