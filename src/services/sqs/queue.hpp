#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/sqs/deduplication.hpp"
#include "services/sqs/message.hpp"

namespace osbot_aws::services {

/// A message in the response of ReceiveMessage.
struct Received_Message {
    Message message;
    std::string receipt_handle;
};

/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
struct Queue_Settings {
    std::chrono::seconds delay{0}, wait{0}, visibility{30}, retention{345'600};
    std::size_t message_bytes_max = 1'048'576;
    std::string dead_letter_arn;  ///< empty: no redrive policy
    int receives_max = 0;
    bool fifo = false;
    bool content_deduplication = false;
    bool deduplicates_by_group = false;
};

/// The messages of one queue: the visible ones, and the hidden ones with the time at which they become visible. The
/// caller passes the current time and writes changes to the store.
///
/// Messages belong to groups. In a FIFO queue, a group has an order: a message is received only after those before it
/// were received, and while one is hidden, those after it wait. The groups take turns. In a standard queue, a group is
/// a tenant: while one has most of the messages in flight, those of the others are received first (fair queues).
class Queue {
public:
    using Sequence = std::uint64_t;  ///< order of arrival

    /// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
    static constexpr std::size_t in_flight_max = 120'000;

    Queue() = default;
    Queue(Queue&&) noexcept = default;
    Queue& operator=(Queue&&) noexcept = default;

    Account account;
    std::string name, arn;
    std::string id;  ///< unique per creation, so a recreated queue rejects handles of the deleted one
    std::map<std::string, std::string> attributes;  ///< the settable ones, with their defaults
    std::map<std::string, std::string> tags;
    Queue_Settings settings;  ///< parsed from `attributes`
    base::Time created_at{}, modified_at{}, purged_at{};
    base::Time scope_changed_at{};  ///< the last change of DeduplicationScope
    Deduplication deduplication;
    Receive_Attempts attempts;

    /// Returns true if the scope of deduplication is the group. As on AWS, a change takes a minute to take effect.
    bool deduplicates_by_group(base::Time now) const;

    /// Reserves sequence numbers if none is left, and returns true if so: the caller saves reserved() in the
    /// transaction of the message that takes the next number. After a restart new messages start above all reserved
    /// numbers, so that a receipt handle never names another message.
    bool reserve_sequences();
    Sequence reserved() const { return reserved_; }
    Sequence next_sequence() const { return next_; }
    void restore_reserved(Sequence reserved);
    /// Adds a new message and returns its sequence number.
    Sequence add(const Message& message, base::Time now);
    /// Adds a message from the store with its sequence number.
    void restore(Sequence sequence, const Message& message, base::Time now);
    /// Returns up to `max` messages that may be received, in their order. Does not change them.
    std::vector<Sequence> receivable(std::size_t max, base::Time now);
    /// Returns the first visible message with a number below `end`.
    std::optional<Sequence> first_visible(Sequence end, base::Time now);
    /// Counts a receive of the message and hides it until `hidden_until`.
    void receive(Sequence sequence, base::Time now, base::Time hidden_until);
    void hide(Sequence sequence, base::Time until, base::Time now);
    /// Removes a message and returns it.
    Message take(Sequence sequence);
    void clear();
    /// Removes the messages older than the queue's retention period and returns their numbers.
    std::vector<Sequence> expire(base::Time now);

    bool empty() const { return messages_.empty(); }
    bool contains(Sequence sequence) const { return messages_.contains(sequence); }
    Message at(Sequence sequence) const { return message_of(sequence, messages_.at(sequence)); }
    int receives_of(Sequence sequence) const { return messages_.at(sequence).receives_in_queue; }
    base::Time visible_at(Sequence sequence) const { return messages_.at(sequence).visible_at; }
    std::vector<Sequence> sequences() const;
    /// Returns when the next hidden message becomes visible; nullopt if none is hidden.
    std::optional<base::Time> next_visible() const;
    /// Returns true if a receive would return a message, or move one to the dead-letter queue.
    bool ready(base::Time now);

    struct Counts {
        std::size_t visible = 0, in_flight = 0, delayed = 0;
    };
    Counts counts(base::Time now);

    /// Returns the SequenceNumber of a message in a FIFO queue: 20 digits. Empty in a standard queue.
    std::string number_of(Sequence sequence) const;
    /// Returns the handle of the last receive of a message, which was at `received_at`.
    std::string handle_of(Sequence sequence, base::Time received_at) const;
    struct Handle {
        Sequence sequence = 0;
        bool exists = false;
        bool is_latest = false;    ///< it is from the last receive
        base::Time received_at{};  ///< zero in a handle of an earlier version of the engine
    };
    /// Returns nothing if the handle is not from this queue.
    std::optional<Handle> parse_handle(std::string_view text) const;

private:
    struct Group;
    struct Stored;
    using Node = std::pair<const Sequence, Stored>;
    using Rank = std::pair<std::uint64_t, Sequence>;

    /// The rare parts of a message.
    struct Extras {
        Message_Attributes attributes;
        std::string trace_header;
        std::string sender_id;  ///< empty: the account of the queue
    };
    /// A message in memory: at most 300 bytes beside its body, so many can wait.
    struct Stored {
        Message_Id id;
        std::unique_ptr<char[]> text;  ///< the body, then the deduplication id; smaller than a string
        std::unique_ptr<const Extras> extras;
        base::Time sent_at{}, visible_at{}, first_received_at{};
        int receive_count = 0, receives_in_queue = 0;
        std::uint32_t body_bytes = 0;
        std::uint16_t deduplication_id_bytes = 0;
        bool hidden = false;  ///< it is in hidden_
        Group* group = nullptr;
        const std::string* dead_letter_source = nullptr;  ///< in sources_
        Node* next = nullptr;                             ///< FIFO: the next message of the group
    };
    struct Group {
        std::string_view id;  ///< the key in groups_
        std::size_t messages = 0, in_flight = 0;
        std::set<Sequence> visible = {};  ///< of a standard queue
        Node* first = nullptr;            ///< of a FIFO queue
        Node* last = nullptr;
        std::uint64_t turn = 0;         ///< FIFO: grows with each receive
        std::optional<Rank> rank = {};  ///< in ranks_
    };

    Stored stored_of(const Message& message);
    Message message_of(Sequence sequence, const Stored& stored) const;
    Group& group_of(const std::string& group_id);
    void append(Group& group, Node& node);
    void unlink(Group& group, Node& node);
    /// Moves messages whose time has come from hidden_ to the visible ones.
    void update_visible(base::Time now);
    void insert_by_visibility(Node& node, base::Time now);
    void erase_by_visibility(Node& node);
    bool is_busy(const Group& group) const;
    /// Updates the place of a group among those with messages to receive.
    void update_rank(Group& group);
    std::optional<Rank> rank_of(const Group& group) const;
    std::vector<Sequence> receivable_in_groups(std::size_t max) const;
    std::vector<Sequence> receivable_of_tenants(std::size_t max);

    std::map<Sequence, Stored> messages_;
    std::map<std::string, Group, std::less<>> groups_;
    std::map<Rank, Group*> ranks_;                      ///< the groups with messages to receive, in their order
    std::set<Group*> busy_;                             ///< those with enough messages in flight to be noisy
    std::set<std::pair<base::Time, Sequence>> hidden_;  ///< delayed or in flight, by the time they become visible
    std::set<std::string> sources_;                     ///< from which messages were moved here
    std::size_t in_flight_ = 0;
    std::uint64_t turns_ = 0;
    Sequence next_ = 1;
    Sequence reserved_ = 0;  ///< the last number that may be used before the next reservation
};

}  // namespace osbot_aws::services
