#include "services/s3/object_versions.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace osbot_aws::services {
namespace {

auto position_of(std::vector<Stored_Object>& versions, std::string_view version) {
    const auto found = std::find_if(versions.rbegin(), versions.rend(),
                                    [&](const Stored_Object& each) { return each.version() == version; });
    return found == versions.rend() ? versions.end() : std::prev(found.base());
}

}  // namespace

S3_Object_Ptr S3_Object_Versions::newest(const std::string& key) const {
    if (const auto current = current_.find(key); current != current_.end()) return current->second.object(key);
    const auto older = older_.find(key);
    return older == older_.end() ? nullptr : older->second.back().object(key);
}

S3_Object_Ptr S3_Object_Versions::find(const std::string& key, std::string_view version) const {
    const auto current = current_.find(key);
    if (current != current_.end() && current->second.version() == version) return current->second.object(key);
    const auto older = older_.find(key);
    if (older == older_.end()) return nullptr;
    for (const Stored_Object& each : older->second | std::views::reverse)
        if (each.version() == version) return each.object(key);
    return nullptr;
}

std::vector<S3_Object_Ptr> S3_Object_Versions::versions(const std::string& key) const {
    std::vector<S3_Object_Ptr> all;
    if (const auto current = current_.find(key); current != current_.end()) all.push_back(current->second.object(key));
    const auto older = older_.find(key);
    if (older == older_.end()) return all;
    for (const Stored_Object& each : older->second | std::views::reverse) all.push_back(each.object(key));
    return all;
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
        current == current_.end() && older != older_.end() && older->second.back().sequence() > object.sequence;
    if (!is_current_newer && !is_marker_newer) return add_newest(object.key, std::move(stored));
    std::vector<Stored_Object>& versions = older_[object.key];
    const auto after = std::find_if(versions.begin(), versions.end(),
                                    [&](const Stored_Object& each) { return each.sequence() > object.sequence; });
    versions.insert(after, std::move(stored));
}

void S3_Object_Versions::add_newest(const std::string& key, Stored_Object stored) {
    const auto current = current_.find(key);
    if (current != current_.end()) older_[key].push_back(std::move(current->second));
    if (stored.is_delete_marker()) {
        older_[key].push_back(std::move(stored));
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
        const auto found = position_of(older->second, version);
        if (found == older->second.end()) return std::nullopt;
        taken = std::move(*found);
        older->second.erase(found);
    }
    if (taken) promote(key);
    return taken;
}

void S3_Object_Versions::promote(const std::string& key) {
    const auto older = older_.find(key);
    if (older == older_.end()) return;
    std::vector<Stored_Object>& versions = older->second;
    const bool has_current = current_.contains(key);
    if (!has_current && !versions.empty() && !versions.back().is_delete_marker()) {
        current_.emplace(key, std::move(versions.back()));
        versions.pop_back();
    }
    if (versions.empty()) older_.erase(older);
}

}  // namespace osbot_aws::services
