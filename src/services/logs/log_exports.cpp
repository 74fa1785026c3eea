#include "services/logs/log_exports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/gzip.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/logs/resources/resource_operations.hpp"
#include "services/s3/s3_service_object.hpp"
#include "store/log_sizes.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

// The engine's own limits.
constexpr std::size_t export_tasks_waiting_max = 100;
constexpr std::size_t export_file_bytes_max = 16u << 20;  // before compression; a stream may have several files
constexpr int export_events_per_read = 5000;
constexpr std::uint64_t export_bytes_per_read = 4 << 20;
constexpr const char* default_prefix = "exportedlogs";
// https://github.com/getmoto/moto, tests/test_logs/test_export_tasks.py, verified with AWS
constexpr const char *test_object = "aws-logs-write-test", *test_content = "Permission Check Successful";

Error no_export_task() { return log_resource_not_found("The specified export task does not exist."); }

std::string status_of(const Log_Resource& task) {
    return task.members.value("status", Json::object()).value("code", "");
}
bool is_unfinished(const Log_Resource& task) { return status_of(task) == "PENDING" || status_of(task) == "RUNNING"; }

Log_Resource with_status(Log_Resource task, const std::string& code, const std::string& message) {
    task.members["status"] = {{"code", code}};
    if (!message.empty()) task.members["status"]["message"] = message;
    return task;
}

}  // namespace

/// The task that runs, and where it is in its events.
struct Log_Exports::Task {
    Log_Resource resource;
    std::vector<std::string> streams;  ///< that remain; the first is read
    std::optional<store::Log_Position> at;
    std::string folder;                  ///< of the stream's files; "" before the first
    int file = 0;                        ///< number of the next file of the stream
    std::string lines;                   ///< for the next file
    bool is_end = false;                 ///< all events of the stream are in files or in `lines`
    std::set<std::string> folders = {};  ///< of the streams so far
};

namespace {

/// Returns the folder of a stream, its name with '-' for '/' as on AWS. If another stream has it, as a/b and a-b would,
/// it gets a number.
std::string new_folder(std::set<std::string>& existing, std::string stream) {
    std::ranges::replace(stream, '/', '-');
    std::string folder = stream;
    for (int number = 2; !existing.insert(folder).second; ++number) folder = fmt::format("{}-{}", stream, number);
    return folder;
}

}  // namespace

void Log_Exports::load() {
    waiting_.clear();
    logs_.resources().for_each(log_kinds::export_task, [this](const Log_Resource& task) {
        const bool runs = running_ && running_->resource.name == task.name;
        if (is_unfinished(task) && !runs) waiting_.emplace_back(task.account, task.name);
    });
    start_next();
}

void Log_Exports::clear() {
    waiting_.clear();
    running_ = nullptr;
}

Result<Log_Resource> Log_Exports::new_task(const Call& call) const {
    const auto fields = call.fields();
    const std::string id = base::uuid4();
    if (!s3_.bucket(call.account, fields.text_or("destination")))
        return bad_log_parameter("The given bucket does not exist. Please make sure the bucket is valid.");
    OSBOT_TRY(logs_.group(call.account, fields.text_or("logGroupName")));
    if (fields.number("from").value_or(0) > fields.number("to").value_or(0))
        return bad_log_parameter("The 'from' time must not be after the 'to' time.");
    if (waiting_.size() >= export_tasks_waiting_max) return log_limit_exceeded();
    Log_Resource task{.account = call.account, .kind = std::string(log_kinds::export_task), .name = id};
    task.members =
        members_of_input(call, {"taskName", "logGroupName", "from", "to", "destination", "destinationPrefix"});
    if (!fields.has("destinationPrefix")) task.members["destinationPrefix"] = default_prefix;
    task.members["taskId"] = id;
    task.members["executionInfo"] = {{"creationTime", base::unix_ms(logs_.context().now())}};
    task.hidden = members_of_input(call, {"logStreamNamePrefix"});
    return with_status(std::move(task), "PENDING", "");
}

void Log_Exports::create(const Call& call, std::function<void(Result<std::string>)> created) {
    auto task = new_task(call);
    if (!task) return created(task.error());
    const auto fields = call.fields();
    const std::string key = fields.has("destinationPrefix")
                                ? fmt::format("{}/{}", fields.text_or("destinationPrefix"), test_object)
                                : test_object;
    put_object(call.account, fields.text_or("destination"), key, test_content, false,
               [this, task = std::move(*task), created = std::move(created)](const Result<void>& written) {
                   if (!written) return created(written.error());
                   logs_.resources().put(task);
                   waiting_.emplace_back(task.account, task.name);
                   created(task.name);
                   logs_.context().loop.post([this, alive = std::weak_ptr(alive_)] {
                       if (!alive.expired()) start_next();
                   });
               });
}

/// Stores bytes as an object. Calls `done` on the loop, unless this object was destroyed.
void Log_Exports::put_object(const Account& account, const std::string& bucket, std::string key, std::string content,
                             bool compress, std::function<void(Result<void>)> done) {
    const auto object = std::make_shared<S3_Service_Object>(
        S3_Service_Object{.bucket = bucket,
                          .key = std::move(key),
                          .content = std::move(content),
                          .content_type = compress ? "application/x-gzip" : "binary/octet-stream"});
    const auto stored = [alive = std::weak_ptr(alive_), done = std::move(done)](const Result<void>& outcome) {
        if (!alive.expired()) done(outcome);
    };
    const auto put = [this, alive = std::weak_ptr(alive_), account, object, stored] {
        if (!alive.expired()) put_service_object(s3_, account, std::move(*object), stored);
    };
    if (!compress) return put();
    logs_.context().loop.run_blocking([object] { object->content = base::gzip_compress(object->content); }, put);
}

void Log_Exports::start_next() {
    while (!running_ && !waiting_.empty()) {
        const auto [account, id] = waiting_.front();
        waiting_.pop_front();
        const Log_Resource* found = logs_.resources().find(account, log_kinds::export_task, id);
        if (found == nullptr || !is_unfinished(*found)) continue;
        running_ = std::make_shared<Task>();
        running_->resource = with_status(*found, "RUNNING", "");
        logs_.resources().put(running_->resource);
        const std::string prefix = found->hidden.value("logStreamNamePrefix", "");
        for (auto& stream : logs_.stream_names(account, found->members.value("logGroupName", "")))
            if (stream.starts_with(prefix)) running_->streams.push_back(std::move(stream));
        read(running_);
    }
}

bool Log_Exports::is_cancelled(const Task_Ptr& task) const {
    if (task != running_) return true;  // a reset
    const Log_Resource* found =
        logs_.resources().find(task->resource.account, log_kinds::export_task, task->resource.name);
    return found == nullptr || !is_unfinished(*found);
}

/// Reads the next events of the first stream; writes a file when enough lines were read, or at the end of the stream.
void Log_Exports::read(const Task_Ptr& task) {
    if (is_cancelled(task)) return end(task, "", "");
    if (task->streams.empty()) return end(task, "COMPLETED", "Completed successfully");
    const Json& members = task->resource.members;
    store::Log_Query query{.group = "", .stream = task->streams.front()};
    query.start_ms = members.value("from", std::int64_t{0});
    query.end_ms = members.value("to", std::int64_t{0});
    query.after = task->at;
    query.limit = export_events_per_read;
    query.bytes_max = export_bytes_per_read;
    const auto events = logs_.try_find(task->resource.account, members.value("logGroupName", ""), query);
    if (!events) return end(task, "FAILED", events.error().message);
    for (const auto& event : *events)
        task->lines +=
            fmt::format("{} {}\n", base::iso8601_ms_z(base::from_unix_ms(event.timestamp_ms)), event.message);
    task->is_end = store::is_last_page(query, *events);
    if (!events->empty()) task->at = store::Log_Position{events->back().timestamp_ms, events->back().sequence};
    task->is_end || task->lines.size() >= export_file_bytes_max ? write(task) : read_later(task);
}

void Log_Exports::read_later(const Task_Ptr& task) {
    logs_.context().loop.post([this, alive = std::weak_ptr(alive_), task] {
        if (!alive.expired()) read(task);
    });
}

void Log_Exports::write(const Task_Ptr& task) {
    const Json& members = task->resource.members;
    if (task->folder.empty()) task->folder = new_folder(task->folders, task->streams.front());
    const std::string key = fmt::format("{}/{}/{}/{:06}.gz", members.value("destinationPrefix", ""),
                                        task->resource.name, task->folder, task->file++);
    const auto proceed = [this, task](const Result<void>& written) {
        if (!written) return end(task, "FAILED", written.error().message);
        if (task->is_end) {
            task->streams.erase(task->streams.begin());
            task->at = std::nullopt;
            task->folder.clear();
            task->file = 0;
        }
        read_later(task);
    };
    if (task->lines.empty()) return proceed({});
    put_object(task->resource.account, members.value("destination", ""), key, std::exchange(task->lines, {}), true,
               proceed);
}

/// Ends a task that was not cancelled in the meantime with a status, and starts the next one.
void Log_Exports::end(const Task_Ptr& task, const std::string& code, const std::string& message) {
    if (!is_cancelled(task)) {
        Log_Resource ended = with_status(task->resource, code, message);
        ended.members["executionInfo"]["completionTime"] = base::unix_ms(logs_.context().now());
        logs_.resources().put(std::move(ended));
    }
    if (task != running_) return;
    running_ = nullptr;
    logs_.context().loop.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) start_next();
    });
}

Result<void> Log_Exports::cancel(const Account& account, const std::string& id) {
    const Log_Resource* found = logs_.resources().find(account, log_kinds::export_task, id);
    if (found == nullptr) return no_export_task();
    if (!is_unfinished(*found))
        return Error{"InvalidOperationException", "The specified export task has already finished"};
    Log_Resource cancelled = with_status(*found, "CANCELLED", "Cancelled by user");
    cancelled.members["executionInfo"]["completionTime"] = base::unix_ms(logs_.context().now());
    logs_.resources().put(std::move(cancelled));
    return {};
}

namespace {

void create_export_task(Log_Exports& exports, Call&& call, const Answer& answer) {
    exports.create(call, [answer](Result<std::string> id) {
        answer(id ? Result<Output>(Output(Json{{"taskId", *id}})) : id.error());
    });
}

Result<Json> cancel_export_task(Log_Exports& exports, const Call& call) {
    return no_output(exports.cancel(call.account, call.fields().text_or("taskId")));
}

Result<Json> describe_export_tasks(Log_Exports& exports, const Call& call) {
    const auto fields = call.fields();
    const auto id = fields.text("taskId"), status = fields.text("statusCode");
    auto tasks = exports.logs().resources().list(call.account, log_kinds::export_task);
    std::erase_if(tasks, [&](const Log_Resource* task) {
        return (id && task->name != *id) || (status && status_of(*task) != *status);
    });
    return resource_page(call, {.list = "exportTasks"}, tasks);
}

}  // namespace

Operations log_export_operations(Log_Exports& exports) {
    return {exports,
            {{"CancelExportTask", &cancel_export_task},
             {"CreateExportTask", &create_export_task},
             {"DescribeExportTasks", &describe_export_tasks}}};
}

}  // namespace osbot_aws::services
