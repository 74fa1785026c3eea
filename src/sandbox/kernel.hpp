#pragma once

#include <filesystem>
#include <string>

namespace osbot_aws::sandbox {

/// Access to the kernel's files for reading host properties and changing control groups. Tests replace it to simulate
/// other hosts.
class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    virtual std::filesystem::path proc() const { return "/proc"; }
    // Create a control group, remove it, write one of its files. All return 0 or errno.
    virtual int make_group(const std::filesystem::path& folder) const;
    virtual int remove_group(const std::filesystem::path& folder) const;
    virtual int write(const std::filesystem::path& file, const std::string& text) const;

    static const Kernel& of_this_host();
};

}  // namespace osbot_aws::sandbox
