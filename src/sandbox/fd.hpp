#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace osbot_aws::sandbox {

/// Closes a descriptor. base has one too; this room keeps to syscalls, so its own is eight lines.
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

    /// A copy above 0, 1 and 2, which the child is about to fill; -1 when `fd` is not open.
    static Fd duplicate(int fd) { return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 10)); }

private:
    int fd_ = -1;
};

}  // namespace osbot_aws::sandbox
