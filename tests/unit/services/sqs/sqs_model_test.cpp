// Random operations on a queue and on a model of it, with fixed seeds: order, visibility, deduplication, dead letters,
// and no message lost, with restarts between them.
#include <algorithm>
#include <random>

#include "sqs_world.hpp"

namespace osbot_aws::services {
namespace {

using std::chrono::seconds;

constexpr int operations = 3'000;
constexpr seconds window{300}, hidden_for{20};
constexpr int receives_max = 4;

/// A message of the model.
struct Modelled {
    std::string id, group;
    base::Time visible_at{};
    int receives = 0;
    std::string handle = {};  ///< of its last receive
};
struct Sent {
    std::string id, number;
    base::Time at{};
};

struct Sqs_Model_Test : Sqs_World, testing::WithParamInterface<std::tuple<bool, unsigned>> {
    const bool fifo = std::get<0>(GetParam());
    std::mt19937 random{std::get<1>(GetParam())};
    const std::string name = fifo ? "work.fifo" : "work", dead = fifo ? "dead.fifo" : "dead";
    std::vector<Modelled> waiting;             ///< in the order in which they were sent
    std::map<std::string, Sent> deduplicated;  ///< by the deduplication id
    struct Old_Handle {
        std::string id, handle;
    };
    std::vector<Old_Handle> old_handles;
    int dead_letters = 0;

    int below(int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); }
    base::Time now() const { return context.now(); }
    bool is_hidden(const Modelled& message) const { return message.visible_at > now(); }

    void make_queues() {
        const std::string type = fifo ? "FifoQueue" : "DelaySeconds", value = fifo ? "true" : "0";
        const std::string arn = make(dead, {{type, value}}).arn;
        make(name, {{type, value},
                    {"VisibilityTimeout", std::to_string(hidden_for.count())},
                    {"RedrivePolicy", R"({"deadLetterTargetArn":")" + arn + R"(","maxReceiveCount":)" +
                                          std::to_string(receives_max) + "}"}});
    }

    void send() {
        const std::string group = fifo ? "g" + std::to_string(below(5)) : "";
        const std::string deduplication_id = "d" + std::to_string(below(60));
        const Message sent = (fifo ? try_send(name, "body", group, deduplication_id) : try_send(name, "body")).value();
        const auto known = deduplicated.find(deduplication_id);
        if (fifo && known != deduplicated.end() && known->second.at + window > now()) {
            EXPECT_EQ(sent.id, known->second.id);
            EXPECT_EQ(sent.sequence_number, known->second.number);
            return;
        }
        for (const auto& [id, other] : deduplicated) EXPECT_LE(other.number, sent.sequence_number);
        deduplicated[deduplication_id] = {sent.id, sent.sequence_number, now()};
        waiting.push_back({sent.id, group, now()});
    }

    /// Returns the messages that may be received, in their order. In a FIFO queue, those after a hidden message of the
    /// group wait.
    std::vector<Modelled*> eligible() {
        std::vector<Modelled*> found;
        std::set<std::string> blocked;
        for (Modelled& message : waiting) {
            if (is_hidden(message)) blocked.insert(message.group);
            if (!is_hidden(message) && (!fifo || !blocked.contains(message.group))) found.push_back(&message);
        }
        return found;
    }

    /// Removes the messages that a receive has moved to the dead-letter queue.
    void move_dead_letters() {
        for (const auto& received : receive(dead)) {
            const auto moved = std::ranges::find(waiting, received.message.id, &Modelled::id);
            ASSERT_NE(moved, waiting.end()) << "a message is in both queues";
            EXPECT_EQ(moved->receives, receives_max);
            EXPECT_FALSE(is_hidden(*moved));
            ++dead_letters;
            waiting.erase(moved);
            sqs->delete_message(queue(dead), received.receipt_handle).value();
        }
    }

    void receive_some() {
        const auto most = static_cast<std::size_t>(1 + below(10));
        const auto received = receive(name, {.max = most});
        for (int pages = 0; pages < 10; ++pages) move_dead_letters();
        const auto possible = eligible();
        EXPECT_EQ(received.size(), std::min(most, possible.size())) << "as many as there are";
        std::map<std::string, std::vector<std::string>> in_groups;
        for (const auto& each : received) in_groups[fifo ? each.message.group_id : ""].push_back(each.message.id);
        for (const auto& [group, ids] : in_groups) expect_first_of(group, ids, possible);
        for (const auto& each : received) {
            Modelled& message = *std::ranges::find(waiting, each.message.id, &Modelled::id);
            EXPECT_EQ(each.message.receive_count, ++message.receives);
            message.visible_at = now() + hidden_for;
            if (!message.handle.empty()) old_handles.push_back({message.id, message.handle});
            message.handle = each.receipt_handle;
        }
    }

    /// Within a group of a FIFO queue, and in a standard queue, the oldest messages are received first.
    void expect_first_of(const std::string& group, const std::vector<std::string>& ids,
                         const std::vector<Modelled*>& possible) {
        std::vector<std::string> expected;
        for (const Modelled* message : possible)
            if (expected.size() < ids.size() && (!fifo || message->group == group)) expected.push_back(message->id);
        EXPECT_EQ(ids, expected) << group;
    }

    Modelled* some_received() {
        std::vector<Modelled*> received;
        for (Modelled& message : waiting)
            if (!message.handle.empty()) received.push_back(&message);
        return received.empty() ? nullptr
                                : received[static_cast<std::size_t>(below(static_cast<int>(received.size())))];
    }

    void erase() {
        Modelled* message = some_received();
        if (message == nullptr) return;
        const auto deleted = sqs->delete_message(queue(name), message->handle);
        EXPECT_EQ(deleted.has_value(), !fifo || is_hidden(*message));
        if (deleted) waiting.erase(waiting.begin() + (message - waiting.data()));
    }

    /// Deletes the message in a standard queue. In a FIFO queue it has no effect, which the counts show.
    void erase_by_old_handle() {
        if (old_handles.empty()) return;
        const Old_Handle& old = old_handles[static_cast<std::size_t>(below(static_cast<int>(old_handles.size())))];
        const auto message = std::ranges::find(waiting, old.id, &Modelled::id);
        const auto deleted = sqs->delete_message(queue(name), old.handle);
        EXPECT_EQ(deleted.has_value(), !fifo || message == waiting.end());
        if (deleted && message != waiting.end()) waiting.erase(message);
    }

    void change_visibility() {
        Modelled* message = some_received();
        if (message == nullptr) return;
        const seconds timeout{below(3) * 15};
        const auto changed = sqs->change_visibility(queue(name), message->handle, timeout);
        const bool was_shown = message->visible_at == base::Time{};
        EXPECT_EQ(changed.has_value(), !was_shown && (!fifo || is_hidden(*message)));
        if (changed) message->visible_at = timeout.count() == 0 ? base::Time{} : now() + timeout;
    }

    void expect_counts() {
        const auto hidden = std::ranges::count_if(waiting, [&](const Modelled& each) { return is_hidden(each); });
        EXPECT_EQ(attribute(name, "ApproximateNumberOfMessagesNotVisible"), std::to_string(hidden));
        EXPECT_EQ(attribute(name, "ApproximateNumberOfMessages"),
                  std::to_string(static_cast<std::ptrdiff_t>(waiting.size()) - hidden));
    }

    void step() {
        const int choice = below(100);
        if (choice < 40) return send();
        if (choice < 65) return receive_some();
        if (choice < 80) return erase();
        if (choice < 83) return erase_by_old_handle();
        if (choice < 92) return change_visibility();
        if (choice < 99) return loop.advance(seconds{below(12)});
        restart();
    }

    /// Receives all messages that are left.
    void drain() {
        while (!waiting.empty() && !HasFailure()) {
            loop.advance(hidden_for + seconds{30});
            receive_some();
            for (std::size_t at = waiting.size(); at-- > 0;)
                if (is_hidden(waiting[at]) && sqs->delete_message(queue(name), waiting[at].handle))
                    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(at));
        }
        EXPECT_TRUE(store->load("sqs.message").empty());
    }
};

TEST_P(Sqs_Model_Test, behaves_as_the_model) {
    make_queues();
    for (int number = 0; number < operations && !HasFailure(); ++number) {
        SCOPED_TRACE("operation " + std::to_string(number));
        step();
        expect_counts();
    }
    EXPECT_GT(dead_letters, 0);
    drain();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Sqs_Model_Test, testing::Combine(testing::Bool(), testing::Values(1U, 2U, 3U, 4U)),
                         [](const auto& c) {
                             return (std::get<0>(c.param) ? "fifo_" : "standard_") +
                                    std::to_string(std::get<1>(c.param));
                         });

}  // namespace
}  // namespace osbot_aws::services
