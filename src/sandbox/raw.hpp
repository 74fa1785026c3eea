#pragma once

#include <cerrno>
#include <cstddef>

#include <sys/syscall.h>
#include <unistd.h>

/// Marks functions that run between clone and exec. Another thread may have held any lock during the clone, so these
/// functions only make system calls: no malloc, no libc except syscall(), and no sanitizers, whose runtimes have locks.
#define OSBOT_CHILD __attribute__((no_sanitize("address", "thread", "undefined"), no_stack_protector))

namespace osbot_aws::sandbox::raw {

template <class... Args>
OSBOT_CHILD inline long call(long number, Args... args) {
    return ::syscall(number, args...);
}

OSBOT_CHILD inline std::size_t length(const char* text) {
    std::size_t size = 0;
    while (text[size] != '\0') {
        ++size;
        asm volatile("" ::: "memory");  // prevents replacement by strlen(), which sanitizers intercept
    }
    return size;
}

/// Writes `text` to the file. Returns 0, or -1 with errno.
OSBOT_CHILD inline int write_file(const char* path, const char* text, int flags, unsigned mode) {
    const long fd = call(SYS_openat, -100 /* AT_FDCWD */, path, flags, mode);
    if (fd < 0) return -1;
    const std::size_t size = length(text);
    const long written = call(SYS_write, fd, text, size);
    const int error = errno;
    call(SYS_close, fd);
    errno = error;
    return written == static_cast<long>(size) ? 0 : -1;
}

}  // namespace osbot_aws::sandbox::raw
