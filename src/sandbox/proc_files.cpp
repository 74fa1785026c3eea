#include "sandbox/proc_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>

#include "base/numbers.hpp"
#include "sandbox/fd.hpp"

namespace osbot_aws::sandbox {

std::optional<std::string> read_proc(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return std::nullopt;
    std::string text(4096, '\0');
    std::size_t size = 0;
    for (;;) {
        const ssize_t bytes_read = ::read(fd.value(), text.data() + size, text.size() - size);
        if (bytes_read <= 0) break;
        size += static_cast<std::size_t>(bytes_read);
        if (size == text.size()) text.resize(size * 2);
    }
    text.resize(size);
    return text;
}

std::vector<pid_t> numbered_entries(const std::string& folder) {
    std::vector<pid_t> numbers;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    if (!open) return numbers;
    while (const dirent* entry = ::readdir(open.get()))
        if (const auto number = base::parse_number<pid_t>(entry->d_name)) numbers.push_back(*number);
    return numbers;
}

}  // namespace osbot_aws::sandbox
