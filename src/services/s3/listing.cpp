// The lists of objects and of versions.
#include <algorithm>

#include "services/s3/s3.hpp"
#include "services/s3/version_id.hpp"

namespace osbot_aws::services {

std::string first_after_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

std::size_t end_of_group(std::string_view key, std::string_view prefix, std::string_view delimiter) {
    const auto found = delimiter.empty() ? std::string_view::npos : key.find(delimiter, prefix.size());
    return found == std::string_view::npos ? found : found + delimiter.size();
}

Result<Listed_Objects> S3::list_objects(const Account& account, const std::string& bucket_name,
                                        const List_Objects& request) const {
    OSBOT_TRY(const auto found, bucket(account, bucket_name));
    const auto& objects = found->objects.current();

    Listed_Objects listed;
    int count = 0;
    std::string last;
    auto next =
        request.after < request.prefix ? objects.lower_bound(request.prefix) : objects.upper_bound(request.after);
    while (next != objects.end() && next->first.starts_with(request.prefix) && request.keys_max > 0) {
        const auto& key = next->first;
        const auto end = end_of_group(key, request.prefix, request.delimiter);
        const bool grouped = end != std::string::npos;
        const auto name = key.substr(0, end);
        if (!grouped || name != request.after) {  // a group at the end of the last page is complete
            if (count == request.keys_max) {
                listed.next = last;
                break;
            }
            if (grouped)
                listed.common_prefixes.push_back(name);
            else
                listed.objects.push_back(next->second.object(key));
            last = name;
            ++count;
        }
        if (grouped) {
            const auto after_group = first_after_prefix(name);
            next = after_group.empty() ? objects.end() : objects.lower_bound(after_group);
        } else {
            ++next;
        }
    }
    return listed;
}

namespace {

/// A walk over the keys of a bucket that lists their versions.
class Version_Walk {
public:
    Version_Walk(const S3_Object_Versions& objects, const List_Versions& request)
        : objects_(objects), request_(request) {}

    Listed_Versions listed() {
        const std::string* key = objects_.key_from(std::max(request_.key_after, request_.prefix));
        while (key != nullptr && key->starts_with(request_.prefix) && !is_full_) {
            const std::string next = add(*key);
            key = next.empty() ? nullptr : objects_.key_from(next);
        }
        return std::move(listed_);
    }

private:
    /// Adds a key, or its group. Returns the start of the keys after it; "": none.
    std::string add(const std::string& key) {
        const auto end = end_of_group(key, request_.prefix, request_.delimiter);
        if (end == std::string::npos) {
            add_versions(key);
            return key + '\0';
        }
        std::string group = key.substr(0, end);
        if (!request_.key_after.starts_with(group) && has_space()) {
            listed_.common_prefixes.push_back(group);
            last_key_ = group;
            last_version_.clear();
        }
        return first_after_prefix(std::move(group));
    }

    void add_versions(const std::string& key) {
        std::optional<std::uint64_t> before;
        if (key == request_.key_after) {
            if (request_.version_after.empty()) return;
            before = sequence_of_marker();
        }
        objects_.visit(key, before, [&](const Listed_Version& version) {
            if (!has_space()) return false;
            listed_.versions.push_back(version);
            last_key_ = key;
            last_version_ = version.object->version_text();
            return true;
        });
    }

    /// Returns the sequence number of the marker, whose version may be deleted since the last page. nullopt: the
    /// deleted version `null`, which was at any place.
    std::optional<std::uint64_t> sequence_of_marker() const {
        if (request_.version_after != "null") return sequence_of_id(request_.version_after);
        const S3_Object_Ptr null_version = objects_.find(request_.key_after, "");
        return null_version ? std::optional(null_version->sequence) : std::nullopt;
    }

    /// Returns false, and ends the page, if the page is full.
    bool has_space() {
        if (listed_.size() < request_.versions_max) return true;
        is_full_ = true;
        listed_.next_key = last_key_;
        listed_.next_version = last_version_;
        return false;
    }

    const S3_Object_Versions& objects_;
    const List_Versions& request_;
    Listed_Versions listed_;
    std::string last_key_, last_version_;
    bool is_full_ = false;
};

}  // namespace

Result<Listed_Versions> S3::list_versions(const Account& account, const std::string& bucket_name,
                                          const List_Versions& request) const {
    OSBOT_TRY(const auto found, bucket(account, bucket_name));
    return Version_Walk(found->objects, request).listed();
}

}  // namespace osbot_aws::services
