#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/logs/logs.hpp"
#include "services/operations.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

/// The tasks that write log events to a bucket, as gzip files of lines: PREFIX/TASK/STREAM/000000.gz. One task runs at
/// a time; the others are PENDING. A task that a restart interrupts begins again. Loop thread only. Source:
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
class Log_Exports final : public State {
public:
    Log_Exports(Logs& logs, S3& s3) : logs_(logs), s3_(s3) {}

    void load() override;  ///< after the logs and S3
    void clear() override;

    /// Checks the bucket by writing a test object, stores the task and passes its id to `created`.
    /// Errors: InvalidParameterException, ResourceNotFoundException, LimitExceededException.
    void create(const Call& call, std::function<void(Result<std::string>)> created);
    /// Errors: ResourceNotFoundException; InvalidOperationException for a task that has ended.
    Result<void> cancel(const Account& account, const std::string& id);
    Logs& logs() const { return logs_; }
    /// Returns true while a task runs or waits to run.
    bool is_active() const { return running_ != nullptr || !waiting_.empty(); }

private:
    struct Task;
    using Task_Ptr = std::shared_ptr<Task>;

    Result<Log_Resource> new_task(const Call& call) const;
    void put_object(const Account& account, const std::string& bucket, std::string key, std::string content,
                    bool compress, std::function<void(Result<void>)> done);
    void start_next();
    void read(const Task_Ptr& task);
    void read_later(const Task_Ptr& task);
    void write(const Task_Ptr& task);
    void end(const Task_Ptr& task, const std::string& code, const std::string& message);
    bool is_cancelled(const Task_Ptr& task) const;

    Logs& logs_;
    S3& s3_;
    std::deque<std::pair<Account, std::string>> waiting_;  ///< ids of tasks
    Task_Ptr running_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

Operations log_export_operations(Log_Exports& exports);

}  // namespace osbot_aws::services
