#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

/// An enabled rule of a lifecycle configuration: the objects that it is for, and what it deletes.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
struct S3_Lifecycle_Rule {
    std::string id;
    // The filter. All of its conditions are met.
    std::string prefix;
    S3_Tags tags;
    std::int64_t size_above = -1, size_below = std::numeric_limits<std::int64_t>::max();
    // The actions.
    std::optional<std::int64_t> days;  ///< Expiration, of current versions
    std::optional<base::Time> date;
    bool removes_expired_markers = false;
    std::optional<std::int64_t> noncurrent_days;
    std::int64_t noncurrent_retained = 0;  ///< NewerNoncurrentVersions
    std::optional<std::int64_t> upload_days;

    bool expires_current() const { return days || date; }
    bool is_for(const S3_Object& object) const;
};

using S3_Lifecycle_Rules = std::shared_ptr<const std::vector<S3_Lifecycle_Rule>>;

/// Returns the enabled rules of a bucket. Parses them once: reads and writes of objects need them.
S3_Lifecycle_Rules lifecycle_rules(const S3_Bucket& bucket);

/// Returns the time at which something that began at `unix_ms` reaches an age in days: as in S3, rounded up to the next
/// midnight. A scaled `day` is shorter, and ends at its multiples.
base::Time time_after_days(std::int64_t unix_ms, std::int64_t days, base::Time::duration day);

/// Returns the time at which a rule that expires_current() expires an object.
base::Time expiry_of(const S3_Lifecycle_Rule& rule, const S3_Object& object, base::Time::duration day);

/// Returns the header x-amz-expiration of a current object, if a rule of the bucket expires it:
/// `expiry-date="Fri, 23 Dec 2012 00:00:00 GMT", rule-id="..."`. Of several rules, the first one to act.
std::optional<std::string> expiration_of(const S3_Bucket& bucket, const S3_Object& object, base::Time::duration day);

}  // namespace osbot_aws::services
