#pragma once

#include <filesystem>
#include <string>

namespace osbot_aws::sandbox {

/// The files through which the kernel describes the host and takes changes of control groups. Tests replace it to run
/// on hosts that theirs is not.
class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    virtual std::filesystem::path proc() const { return "/proc"; }
    /// Makes a control group, removes it, writes one of its files. Return 0 or errno.
    virtual int make_group(const std::filesystem::path& folder) const;
    virtual int remove_group(const std::filesystem::path& folder) const;
    virtual int write(const std::filesystem::path& file, const std::string& text) const;

    static const Kernel& of_this_host();
};

}  // namespace osbot_aws::sandbox
