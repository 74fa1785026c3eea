#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "services/sqs/message.hpp"

namespace osbot_aws::services {

/// The period in which a FIFO queue accepts a message once.
/// Source:
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
constexpr std::chrono::minutes deduplication_window{5};

/// The messages that a FIFO queue accepted within the window, also those that were deleted since.
class Deduplication {
public:
    using Sequence = std::uint64_t;
    /// A hash of the deduplication id, with the group if the scope is the group.
    using Key = std::array<char, 16>;
    static Key key_of(std::string_view group_id, std::string_view deduplication_id);

    struct Entry {
        Key key{};
        Message_Id id;
        Sequence sequence = 0;
        base::Time sent_at{};
    };

    // The hash set is used in one file only, which is compiled without calls of libm.
    Deduplication();
    Deduplication(Deduplication&&) noexcept;
    Deduplication& operator=(Deduplication&&) noexcept;
    ~Deduplication();

    /// Returns the accepted message, or nullptr. The caller calls expire() before.
    const Entry* find(const Key& key) const;
    /// Adds a message that was sent after all others.
    void add(const Entry& entry);
    /// Removes the messages that were sent before the window and returns their numbers.
    std::vector<Sequence> expire(base::Time now);
    const std::deque<Entry>& entries() const { return entries_; }
    void clear();

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Key& key) const noexcept;
        std::size_t operator()(const Entry* entry) const noexcept { return (*this)(entry->key); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Entry* a, const Entry* b) const noexcept { return a->key == b->key; }
        bool operator()(const Entry* entry, const Key& key) const noexcept { return entry->key == key; }
        bool operator()(const Key& key, const Entry* entry) const noexcept { return entry->key == key; }
    };

    std::deque<Entry> entries_;  ///< oldest first; elements of a deque keep their addresses
    boost::unordered_flat_set<const Entry*, Hash, Equal> by_key_;
};

/// The messages that a ReceiveMessage request with a ReceiveRequestAttemptId received. A retry receives them again.
struct Receive_Attempt {
    struct Received {
        std::uint64_t sequence = 0;
        base::Time visible_at{};  ///< another time means that the message was changed since
    };
    std::string id;
    base::Time received_at{};
    std::vector<Received> messages;
};

/// The attempts of a FIFO queue within the window.
class Receive_Attempts {
public:
    /// The engine's own limit of memory: older attempts are dropped.
    static constexpr std::size_t count_max = 10'000;

    /// Returns nullptr if there was none within the window. The caller calls expire() before.
    const Receive_Attempt* find(std::string_view id) const;
    const Receive_Attempt& put(Receive_Attempt attempt);
    /// Removes the attempts before the window and those above the limit, and returns their ids.
    std::vector<std::string> expire(base::Time now);
    /// Removes all attempts and returns their ids.
    std::vector<std::string> clear();

private:
    std::map<std::string, Receive_Attempt, std::less<>> attempts_;
    std::set<std::pair<base::Time, std::string>> by_time_;
};

}  // namespace osbot_aws::services
