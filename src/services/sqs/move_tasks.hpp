#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.hpp"
#include "base/result.hpp"
#include "services/context.hpp"
#include "store/records.hpp"

namespace osbot_aws::services {

/// Moves messages from a dead-letter queue. Implemented by Sqs.
class Message_Mover {
public:
    virtual bool exists(std::string_view queue_arn) const = 0;
    /// Returns the number of visible messages.
    virtual std::size_t movable(std::string_view source_arn) = 0;
    /// Returns the number of the next message that arrives. Numbers grow.
    virtual std::uint64_t next_sequence(std::string_view source_arn) = 0;
    /// Moves the next visible message to the destination, or to the queue from which it came if that is empty. Returns
    /// false if the source has none with a number below `end`. The code of an error is the reason that AWS returns.
    virtual Result<bool> move_next(std::string_view source_arn, std::string_view destination_arn,
                                   std::uint64_t end) = 0;

protected:
    ~Message_Mover() = default;
};

/// A task of StartMessageMoveTask.
struct Move_Task {
    enum class Status { running, completed, cancelled, failed };

    std::string id;
    std::string source_arn, destination_arn;  ///< no destination: each message returns to its queue
    std::optional<int> per_second;            ///< nullopt: as fast as possible
    std::uint64_t moved = 0, to_move = 0;
    /// The number of the first message that arrived after the start, so that two tasks that move to each other's source
    /// end. That of tasks of earlier versions of the engine is the maximum.
    std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
    Status status = Status::running;
    std::string failure;
    base::Time started_at{};

    std::string handle() const;
};

/// The tasks that move messages out of dead-letter queues, also after a restart. Loop thread only.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
class Move_Tasks {
public:
    /// AWS lists at most this many tasks of a queue. Older ones are deleted.
    static constexpr std::size_t tasks_of_queue_max = 10;

    Move_Tasks(Context& context, Message_Mover& mover);

    void load();
    void clear();

    /// Starts a task for a queue that exists. Errors: InvalidParameterValue if one is running.
    Result<const Move_Task*> start(Move_Task task);
    /// Returns the tasks of a queue, the newest first.
    std::vector<const Move_Task*> list(std::string_view source_arn) const;
    /// Errors: InvalidParameterValue; ResourceNotFoundException.
    Result<const Move_Task*> cancel(std::string_view handle);
    /// Deletes the tasks of a queue.
    void forget(std::string_view source_arn);

private:
    using Tasks = std::deque<Move_Task>;  ///< of a queue, the oldest first

    void schedule(Move_Task& task, std::chrono::milliseconds delay);
    void run(std::string source_arn, std::string id);
    void finish(Move_Task& task, Move_Task::Status status, std::string failure = {});
    Move_Task* find(std::string_view source_arn, std::string_view id);
    void save(const Move_Task& task);
    void erase(const Move_Task& task);

    Context& context_;
    Message_Mover& mover_;
    store::Records<Move_Task> records_;
    std::map<std::string, Tasks, std::less<>> tasks_;                    ///< by the source
    std::map<std::string, base::Subscription_Ptr, std::less<>> timers_;  ///< of running tasks, by their ids
};

}  // namespace osbot_aws::services
