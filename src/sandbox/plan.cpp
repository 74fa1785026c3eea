#include "sandbox/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace osbot_aws::sandbox {
namespace {

constexpr std::size_t stack_bytes = 65'536;

// The ids in AWS Lambda: `id` in a function prints sbx_user1051, 993, 990.
constexpr int inner_uid = 993;
constexpr int inner_gid = 990;

std::vector<const char*> pointers_to(Plan& plan, const std::vector<std::string>& texts) {
    std::vector<const char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const std::string& text : texts) pointers.push_back(plan.store_text(text));
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Plan::Plan(const Process_Spec& spec, bool namespaces)
    : ports_(spec.listen_ports), stack_(std::make_unique_for_overwrite<char[]>(stack_bytes)) {
    argv_ = pointers_to(*this, spec.argv);
    environment_ = pointers_to(*this, spec.environment);
    open_streams(spec);

    child_.namespaces = namespaces;
    // An unprivileged user may write only one line to each map; user_namespaces(7).
    child_.uid_map = store_text(fmt::format("{} {} 1", inner_uid, ::geteuid()));
    child_.gid_map = store_text(fmt::format("{} {} 1", inner_gid, ::getegid()));
    child_.argv = spec.argv.empty() ? nullptr : argv_.data();
    child_.environment = environment_.data();
    companions_ = pointers_to(*this, spec.companions);
    companions_environment_ = pointers_to(*this, spec.companions_environment);
    child_.companions = companions_.data();
    child_.companions_count = static_cast<int>(std::min(spec.companions.size(), companions_max));
    child_.companions_environment = companions_environment_.data();
    child_.companions_fd = companions_output_.value();
    child_.directory = store_text(spec.working_directory.empty() ? "/" : spec.working_directory.string());
    child_.stdin_fd = null_.value();
    child_.stdout_fd = stdout_.value();
    child_.stderr_fd = stderr_.value();
    child_.stack_top = stack_.get() + stack_bytes;
    child_.loopback = namespaces && spec.own_network;
    child_.ports = ports_.data();
    child_.ports_count = child_.loopback ? static_cast<int>(ports_.size()) : 0;
}

/// Opens the child's standard streams.
void Plan::open_streams(const Process_Spec& spec) {
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) {
        streams_error_ = fmt::format("opening /dev/null: {}", std::strerror(errno));
        return;
    }
    const auto duplicate = [&](int fd) {
        Fd copy = Fd::duplicate(fd >= 0 ? fd : null.value());
        if (!copy) streams_error_ = fmt::format("duplicating descriptor {}: {}", fd, std::strerror(errno));
        return copy;
    };
    null_ = duplicate(-1);
    stdout_ = duplicate(spec.stdout_fd);
    stderr_ = duplicate(spec.stderr_fd);
    if (!spec.companions.empty()) companions_output_ = duplicate(spec.companions_output_fd);
}

Result<void> Plan::streams() const {
    if (streams_error_.empty()) return {};
    return Error{"SandboxOutputFailed", streams_error_, 500};
}

bool Plan::has_target(const std::string& target) const {
    return std::any_of(mounts_.begin(), mounts_.end(), [&](const Mount_Step& step) { return target == step.target; });
}

void Plan::finish_mounts() {
    child_.mounts = mounts_.data();
    child_.mounts_count = static_cast<int>(mounts_.size());
}

std::string Plan::subject_of(const Failure& failure) const {
    const auto index = static_cast<std::size_t>(failure.index);
    switch (failure.step) {
        case Step::mount:
            if (index >= mounts_.size()) return "";
            if (mounts_[index].kind == Mount_Step::Kind::bind)
                return fmt::format("{} at {}", mounts_[index].source, mounts_[index].target);
            return mounts_[index].target;
        case Step::listen:
            return index < ports_.size() ? fmt::format("on 127.0.0.1:{}", ports_[index]) : "";
        case Step::exec:
            if (failure.index > 0) return child_.companions[failure.index - 1];
            return child_.argv != nullptr ? child_.argv[0] : "";
        case Step::directory:
            return child_.directory;
        case Step::new_root:
            return fmt::format("at {}", child_.root_base);
        default:
            return "";
    }
}

}  // namespace osbot_aws::sandbox
