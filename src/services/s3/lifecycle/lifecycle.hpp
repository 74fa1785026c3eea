#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.hpp"
#include "services/s3/lifecycle/lifecycle_rules.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

struct S3_Multipart_Upload;

/// Deletes what the lifecycle rules of buckets expire: objects, older versions, delete markers without an object, and
/// incomplete uploads. Respects object locks, and sends the events LifecycleExpiration.
///
/// A pass walks over the buckets that have rules, shortly after the start and then each hour; with scaled days, more
/// often by the same factor. Each step of a pass examines a limited number of versions. The next one follows after a
/// pause, and after the deletions are durable. Loop thread only. `s3` must outlive it.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
class S3_Lifecycle {
public:
    explicit S3_Lifecycle(S3& s3);

    static constexpr int versions_per_step = 500, passes_per_day = 24;
    static constexpr std::chrono::milliseconds pause{5};  ///< between two steps
    static constexpr std::chrono::seconds start_delay_max{10}, interval_min{1};

private:
    /// A place in the walk over all buckets. It has names, because everything may change between two steps.
    struct Position {
        std::string bucket;
        std::string upload = {};  ///< the uploads of a bucket are first
        bool has_uploads_done = false;
        std::string key = {};
        std::optional<std::uint64_t> before = {};  ///< continue with the versions of `key` before this one
        std::int64_t noncurrent = 0;               ///< newer versions of `key`, without the latest
        std::int64_t successor_ms = 0;             ///< when the next version became noncurrent
    };
    struct Work;

    void after(std::chrono::nanoseconds delay, void (S3_Lifecycle::*then)());
    void begin_pass();
    void step();
    void schedule_step(bool wait_until_durable);
    bool walk_buckets(Work& work);
    bool walk_bucket(Work& work);
    void walk_uploads(Work& work);
    bool walk_keys(Work& work);
    bool walk_versions(Work& work);
    void expire_upload(Work& work, const S3_Multipart_Upload& upload);
    void expire_latest(Work& work, const S3_Object& object, bool is_only);
    void expire_noncurrent(Work& work, const S3_Object& version);
    void expired(Work& work, const Result<S3_Deletion>& deletion);

    S3& s3_;
    Position at_;
    base::Subscription_Ptr timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
