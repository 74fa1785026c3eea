#include "services/s3/lifecycle/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_locks.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

/// A step: the bucket that it is at, and what it may still do.
struct S3_Lifecycle::Work {
    base::Time now;
    base::Time::duration day;
    int budget = versions_per_step;
    bool has_deleted = false;
    const S3_Bucket* bucket = nullptr;
    S3_Lifecycle_Rules rules = {};

    /// Returns true if a rule that is for the object satisfies the condition.
    template <class Condition>
    bool any_rule(const S3_Object& object, Condition condition) const {
        return std::ranges::any_of(*rules, [&](const auto& rule) { return condition(rule) && rule.is_for(object); });
    }
    bool has_aged(std::int64_t since_ms, const std::optional<std::int64_t>& days) const {
        return days && time_after_days(since_ms, *days, day) <= now;
    }
};

namespace {

/// Returns the share of a version in the budget of a step. The list of its parts is copied, which may have 10,000.
int cost_of(const S3_Object& version) {
    constexpr std::size_t parts_per_version = 100;
    return static_cast<int>(1 + version.parts.size() / parts_per_version);
}

}  // namespace

S3_Lifecycle::S3_Lifecycle(S3& s3) : s3_(s3) {
    after(std::min<std::chrono::nanoseconds>(s3_.day() / passes_per_day, start_delay_max), &S3_Lifecycle::begin_pass);
}

void S3_Lifecycle::after(std::chrono::nanoseconds delay, void (S3_Lifecycle::*then)()) {
    timer_ = s3_.context().loop.after(delay, [this, then] { (this->*then)(); });
}

void S3_Lifecycle::begin_pass() {
    at_ = {};
    step();
}

void S3_Lifecycle::step() {
    Work work{.now = s3_.context().now(), .day = s3_.day()};
    if (!walk_buckets(work)) return schedule_step(work.has_deleted);
    after(std::max<std::chrono::nanoseconds>(s3_.day() / passes_per_day, interval_min), &S3_Lifecycle::begin_pass);
}

/// The next step waits for the deletions of this one, so that they cannot fill the queue of the store.
void S3_Lifecycle::schedule_step(bool wait_until_durable) {
    if (!wait_until_durable) return after(pause, &S3_Lifecycle::step);
    Context& context = s3_.context();
    context.store.when_durable(context.store.last_change(),
                               [this, &loop = context.loop, alive = std::weak_ptr<int>(alive_)](const Result<void>&) {
                                   loop.post([this, alive] {
                                       if (!alive.expired()) after(pause, &S3_Lifecycle::step);
                                   });
                               });
}

// Each walk returns true at its end, and false if the step ends before.

bool S3_Lifecycle::walk_buckets(Work& work) {
    for (; (work.bucket = s3_.bucket_from(at_.bucket)) != nullptr; at_ = {.bucket = work.bucket->name + '\0'}) {
        if (work.bucket->name != at_.bucket) at_ = {.bucket = work.bucket->name};
        if (--work.budget <= 0) return false;
        work.rules = lifecycle_rules(*work.bucket);
        if (!work.rules->empty() && !walk_bucket(work)) return false;
    }
    return true;
}

bool S3_Lifecycle::walk_bucket(Work& work) {
    if (!at_.has_uploads_done) walk_uploads(work);
    return at_.has_uploads_done && walk_keys(work);
}

void S3_Lifecycle::walk_uploads(Work& work) {
    const auto has_action = [](const S3_Lifecycle_Rule& rule) { return rule.upload_days.has_value(); };
    while (std::ranges::any_of(*work.rules, has_action)) {
        const S3_Multipart_Upload* upload = s3_.uploads().upload_from(work.bucket->name, at_.upload);
        if (upload == nullptr) break;
        if (work.budget-- <= 0) return;
        at_.upload = upload->id + '\0';
        expire_upload(work, *upload);
    }
    at_.has_uploads_done = true;
}

void S3_Lifecycle::expire_upload(Work& work, const S3_Multipart_Upload& upload) {
    const bool is_old = std::ranges::any_of(*work.rules, [&](const S3_Lifecycle_Rule& rule) {
        return upload.object.key.starts_with(rule.prefix) && work.has_aged(upload.initiated_ms, rule.upload_days);
    });
    if (!is_old) return;
    const std::string key = upload.object.key, id = upload.id;
    if (s3_.uploads().abort(work.bucket->owner, work.bucket->name, key, id)) work.has_deleted = true;
}

bool S3_Lifecycle::walk_keys(Work& work) {
    while (const std::string* key = work.bucket->objects.key_from(at_.key)) {
        if (work.budget <= 0) return false;
        if (*key != at_.key) at_ = {.bucket = at_.bucket, .has_uploads_done = true, .key = *key};
        if (!walk_versions(work)) return false;
        at_.key += '\0';
    }
    return true;
}

bool S3_Lifecycle::walk_versions(Work& work) {
    const auto is_for_key = [&](const S3_Lifecycle_Rule& rule) { return at_.key.starts_with(rule.prefix); };
    --work.budget;
    if (std::ranges::none_of(*work.rules, is_for_key)) return true;
    constexpr std::size_t versions_min = 2;  // they show whether a delete marker is the only version
    const int budget = std::max(work.budget, 0) + static_cast<int>(versions_min);
    int cost = 0;
    bool has_stopped = false;
    std::vector<Listed_Version> versions;
    work.bucket->objects.visit(at_.key, at_.before, [&](const Listed_Version& version) {
        versions.push_back(version);
        cost += cost_of(*version.object);
        has_stopped = versions.size() >= versions_min && cost >= budget;
        return !has_stopped;
    });
    const bool is_only = !at_.before && versions.size() == 1;
    for (const auto& [object, is_latest] : versions) {
        if (is_latest)
            expire_latest(work, *object, is_only);
        else
            expire_noncurrent(work, *object);
        at_.before = object->sequence;
        at_.successor_ms = object->modified_ms;
        if (!is_latest) ++at_.noncurrent;
    }
    work.budget -= cost;
    return !has_stopped;
}

/// A delete marker is removed if it hides nothing: at the age of the rule, or at once by ExpiredObjectDeleteMarker.
void S3_Lifecycle::expire_latest(Work& work, const S3_Object& object, bool is_only) {
    const bool is_marker = object.is_delete_marker;
    const bool has_expired = work.any_rule(object, [&](const S3_Lifecycle_Rule& rule) {
        return (rule.expires_current() && expiry_of(rule, object, work.day) <= work.now) ||
               (is_marker && rule.removes_expired_markers);
    });
    if (!has_expired || (is_marker && !is_only)) return;
    const auto& bucket = *work.bucket;
    expired(work, is_marker ? s3_.delete_version(bucket.owner, bucket.name, object.key, object.version)
                            : s3_.delete_object(bucket.owner, bucket.name, object.key));
}

void S3_Lifecycle::expire_noncurrent(Work& work, const S3_Object& version) {
    const bool has_expired = work.any_rule(version, [&](const S3_Lifecycle_Rule& rule) {
        return at_.noncurrent >= rule.noncurrent_retained && work.has_aged(at_.successor_ms, rule.noncurrent_days);
    });
    if (!has_expired || is_locked(version, work.now)) return;
    expired(work, s3_.delete_version(work.bucket->owner, work.bucket->name, version.key, version.version));
}

void S3_Lifecycle::expired(Work& work, const Result<S3_Deletion>& deletion) {
    if (!deletion) return base::log_warning("lifecycle: {}: {}", work.bucket->name, deletion.error().message);
    work.has_deleted = true;
    notify_expired(s3_, *work.bucket, *deletion);
}

}  // namespace osbot_aws::services
