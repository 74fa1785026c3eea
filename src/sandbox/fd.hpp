#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace osbot_aws::sandbox {

/// Owns a descriptor and closes it. Similar to base::Unique_Fd, with duplicate() and without a dependency on it.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    ~Fd() { reset(-1); }

    int value() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }
    void reset(int fd = -1) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = fd;
    }

    /// Returns a copy of `fd` that is at least 10, because the child replaces 0, 1 and 2; -1 if `fd` is not open.
    static Fd duplicate(int fd) { return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 10)); }

private:
    int fd_ = -1;
};

}  // namespace osbot_aws::sandbox
