#include "services/sqs/deduplication.hpp"

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"

namespace osbot_aws::services {

Deduplication::Deduplication() = default;
Deduplication::Deduplication(Deduplication&&) noexcept = default;
Deduplication& Deduplication::operator=(Deduplication&&) noexcept = default;
Deduplication::~Deduplication() = default;

Deduplication::Key Deduplication::key_of(std::string_view group_id, std::string_view deduplication_id) {
    base::Sha256 hash;
    hash.update(group_id);
    hash.update(" ");  // which no id has
    hash.update(deduplication_id);
    const std::string bytes = hash.finish_raw();
    Key key;
    std::copy_n(bytes.begin(), key.size(), key.begin());
    return key;
}

std::size_t Deduplication::Hash::operator()(const Key& key) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
}

const Deduplication::Entry* Deduplication::find(const Key& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : *found;
}

void Deduplication::add(const Entry& entry) { by_key_.insert(&entries_.emplace_back(entry)); }

std::vector<Deduplication::Sequence> Deduplication::expire(base::Time now) {
    std::vector<Sequence> expired;
    while (!entries_.empty() && entries_.front().sent_at + deduplication_window <= now) {
        const auto found = by_key_.find(&entries_.front());
        if (found != by_key_.end() && *found == &entries_.front()) by_key_.erase(found);
        expired.push_back(entries_.front().sequence);
        entries_.pop_front();
    }
    return expired;
}

void Deduplication::clear() {
    by_key_.clear();
    entries_.clear();
}

const Receive_Attempt* Receive_Attempts::find(std::string_view id) const {
    const auto found = attempts_.find(id);
    return found == attempts_.end() ? nullptr : &found->second;
}

const Receive_Attempt& Receive_Attempts::put(Receive_Attempt attempt) {
    if (const Receive_Attempt* last = find(attempt.id)) by_time_.erase({last->received_at, last->id});
    by_time_.emplace(attempt.received_at, attempt.id);
    Receive_Attempt& stored = attempts_[attempt.id];
    stored = std::move(attempt);
    return stored;
}

std::vector<std::string> Receive_Attempts::expire(base::Time now) {
    std::vector<std::string> expired;
    while (!by_time_.empty() &&
           (by_time_.size() > count_max || by_time_.begin()->first + deduplication_window <= now)) {
        const std::string& id = expired.emplace_back(by_time_.begin()->second);
        attempts_.erase(id);
        by_time_.erase(by_time_.begin());
    }
    return expired;
}

std::vector<std::string> Receive_Attempts::clear() {
    std::vector<std::string> ids;
    for (const auto& [id, attempt] : attempts_) ids.push_back(id);
    attempts_.clear();
    by_time_.clear();
    return ids;
}

}  // namespace osbot_aws::services
