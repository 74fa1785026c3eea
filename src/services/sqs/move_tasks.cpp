#include "services/sqs/move_tasks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "services/sqs/sqs_errors.hpp"

namespace osbot_aws::services {
namespace {

constexpr int moved_at_once_max = 100;  // messages of a task without a rate, before other requests are handled
// More than a second, so that a client with another clock does not measure more than the rate.
constexpr std::chrono::milliseconds rate_interval{1'010};

std::string task_key(const Move_Task& task) { return fmt::format("{}/{}", task.source_arn, task.id); }

std::chrono::milliseconds interval_of(const Move_Task& task) {
    return task.per_second ? rate_interval : std::chrono::milliseconds(0);
}

bool is_running(const Move_Task& task) { return task.status == Move_Task::Status::running; }

struct Task_Name {
    std::string id, source_arn;
};

/// Reads a handle. The error is that which AWS was recorded with: localstack, test_sqs_move_task.snapshot.json,
/// test_cancel_with_invalid_task_handle
Result<Task_Name> parse_handle(std::string_view handle) {
    const Json json = base::parse_json(base::base64_decode(handle).value_or(""));
    const auto text = [&](const char* name) {
        const auto found = json.is_object() ? json.find(name) : json.end();
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    Task_Name name{text("taskId"), text("sourceArn")};
    if (name.id.empty() || name.source_arn.empty()) return invalid_value("Value for parameter TaskHandle is invalid.");
    return name;
}

}  // namespace

template <class Fields>
void describe(Fields& f, store::Of<Fields, Move_Task>& task) {
    int status = static_cast<int>(task.status), per_second = task.per_second.value_or(0);
    f("id", task.id)("source", task.source_arn)("moved", task.moved)("to_move", task.to_move)("status", status);
    f("started_ms", task.started_at).optional("destination", task.destination_arn);
    f.optional("end", task.end).optional("failure", task.failure).optional("per_second", per_second);
    if constexpr (!Fields::writes) {
        task.status = static_cast<Move_Task::Status>(std::clamp(status, 0, 3));
        if (per_second > 0) task.per_second = per_second;
    }
}

std::string Move_Task::handle() const {
    return base::base64_encode(base::dump_json(Json{{"taskId", id}, {"sourceArn", source_arn}}));
}

Move_Tasks::Move_Tasks(Context& context, Message_Mover& mover)
    : context_(context), mover_(mover), records_(context.store, {.name = "sqs.move_task"}) {}

void Move_Tasks::load() {
    clear();
    records_.load([&](const std::string&, Move_Task task) {
        Tasks& tasks = tasks_[task.source_arn];
        const auto later = std::ranges::upper_bound(tasks, task.started_at, {}, &Move_Task::started_at);
        tasks.insert(later, std::move(task));
    });
    for (auto& [source, tasks] : tasks_)
        for (Move_Task& task : tasks)
            if (is_running(task)) schedule(task, interval_of(task));
}

void Move_Tasks::clear() {
    timers_.clear();
    tasks_.clear();
}

void Move_Tasks::save(const Move_Task& task) { records_.put(task_key(task), task); }

void Move_Tasks::erase(const Move_Task& task) {
    timers_.erase(task.id);
    records_.erase(task_key(task));
}

Move_Task* Move_Tasks::find(std::string_view source_arn, std::string_view id) {
    const auto tasks = tasks_.find(source_arn);
    if (tasks == tasks_.end()) return nullptr;
    const auto task = std::ranges::find(tasks->second, id, &Move_Task::id);
    return task == tasks->second.end() ? nullptr : &*task;
}

Result<const Move_Task*> Move_Tasks::start(Move_Task task) {
    Tasks& tasks = tasks_[task.source_arn];
    if (std::ranges::any_of(tasks, &is_running))
        return invalid_value(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.");
    task.id = base::uuid4();
    task.started_at = context_.now();
    task.to_move = mover_.movable(task.source_arn);
    task.end = mover_.next_sequence(task.source_arn);
    if (tasks.size() == tasks_of_queue_max) {
        erase(tasks.front());
        tasks.pop_front();
    }
    Move_Task& added = tasks.emplace_back(std::move(task));
    save(added);
    schedule(added, std::chrono::milliseconds(0));
    return &added;
}

std::vector<const Move_Task*> Move_Tasks::list(std::string_view source_arn) const {
    std::vector<const Move_Task*> newest_first;
    const auto tasks = tasks_.find(source_arn);
    if (tasks == tasks_.end()) return newest_first;
    for (const Move_Task& task : tasks->second) newest_first.insert(newest_first.begin(), &task);
    return newest_first;
}

Result<const Move_Task*> Move_Tasks::cancel(std::string_view handle) {
    OSBOT_TRY(const auto name, parse_handle(handle));
    if (!mover_.exists(name.source_arn)) return no_such_resource("SourceArn");
    Move_Task* task = find(name.source_arn, name.id);
    // Of tasks that have ended: moto, tests/test_sqs/test_sqs_message_move_tasks.py,
    // test_cancel_message_move_task_that_is_not_running
    if (task == nullptr || !is_running(*task)) return Error{"ResourceNotFoundException", "Task does not exist.", 404};
    finish(*task, Move_Task::Status::cancelled);
    return task;
}

void Move_Tasks::forget(std::string_view source_arn) {
    const auto tasks = tasks_.find(source_arn);
    if (tasks == tasks_.end()) return;
    for (const Move_Task& task : tasks->second) erase(task);
    tasks_.erase(tasks);
}

void Move_Tasks::schedule(Move_Task& task, std::chrono::milliseconds delay) {
    timers_[task.id] = context_.loop.after(delay, [this, source = task.source_arn, id = task.id] { run(source, id); });
}

void Move_Tasks::run(std::string source_arn, std::string id) {
    Move_Task* task = find(source_arn, id);
    if (task == nullptr) return;
    for (int count = task->per_second.value_or(moved_at_once_max); count > 0; --count) {
        const auto moved = mover_.move_next(task->source_arn, task->destination_arn, task->end);
        if (!moved) return finish(*task, Move_Task::Status::failed, moved.error().code);
        if (!*moved) return finish(*task, Move_Task::Status::completed);
        ++task->moved;
    }
    if (mover_.movable(task->source_arn) == 0) return finish(*task, Move_Task::Status::completed);
    save(*task);
    schedule(*task, interval_of(*task));
}

void Move_Tasks::finish(Move_Task& task, Move_Task::Status status, std::string failure) {
    task.status = status;
    task.failure = std::move(failure);
    save(task);
    timers_.erase(task.id);
}

}  // namespace osbot_aws::services
