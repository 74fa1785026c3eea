#include "sandbox/engine_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cstdint>

#include "sandbox/raw.hpp"

namespace osbot_aws::sandbox {
namespace {

constexpr int ranges_max = 256;

struct Range {
    std::uintptr_t from;
    std::uintptr_t to;
};

/// A line of /proc/self/maps, parsed byte by byte, because a read may end within a line:
/// `7f12a000-7f12b000 rw-p 00000000 00:00 0    [heap]`
struct Line {
    int field = 0;  // 0 from, 1 to, 2 permissions, 3 offset, 4 device, 5 inode, 6 name
    Range range = {0, 0};
    bool writable = false;
    bool shared = false;
    bool file = false;
    bool special = false;  // [stack], [vdso], ...
};

OSBOT_CHILD unsigned hex_value(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

OSBOT_CHILD void parse(Line& line, char c) {
    if (c == ' ' && line.field < 6) {
        ++line.field;
        return;
    }
    switch (line.field) {
        case 0:
            if (c == '-')
                line.field = 1;
            else
                line.range.from = line.range.from * 16 + hex_value(c);
            break;
        case 1:
            line.range.to = line.range.to * 16 + hex_value(c);
            break;
        case 2:
            if (c == 'w') line.writable = true;
            if (c == 's') line.shared = true;
            break;
        case 5:
            if (c != '0') line.file = true;
            break;
        case 6:
            if (c == '[') line.special = true;
            if (c == 'h' && line.special) line.special = false;  // [heap] is also discarded
            break;
        default:
            break;
    }
}

OSBOT_CHILD bool is_anonymous(const Line& line) { return line.writable && !line.shared && !line.file && !line.special; }

OSBOT_CHILD bool contains(const Range& range, std::uintptr_t address) {
    return range.from <= address && address < range.to;
}

/// Adds a range, except the current stack and the memory around the thread-local block that contains errno. The kernel
/// merges adjacent mappings, so that block may be part of a large range.
OSBOT_CHILD int add(Range* ranges, int count, const Range& range, std::uintptr_t stack, std::uintptr_t thread) {
    constexpr std::uintptr_t around = 65'536, page = 65'536;  // 64 KB is also the largest page size
    if (contains(range, stack)) return count;
    if (!contains(range, thread)) {
        ranges[count] = range;
        return count + 1;
    }
    const std::uintptr_t block = thread / page * page;
    if (range.from + around < block) ranges[count++] = {range.from, block - around};
    if (block + page + around < range.to) ranges[count++] = {block + page + around, range.to};
    return count;
}

OSBOT_CHILD int read_ranges(Range* ranges, std::uintptr_t stack, std::uintptr_t thread) {
    const long file = raw::call(SYS_openat, -100, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return 0;
    int count = 0;
    char bytes[512];
    Line line;
    for (long bytes_read; (bytes_read = raw::call(SYS_read, file, bytes, sizeof bytes)) > 0;) {
        for (long i = 0; i < bytes_read; ++i) {
            if (bytes[i] != '\n') {
                parse(line, bytes[i]);
                continue;
            }
            if (count + 1 < ranges_max && is_anonymous(line)) count = add(ranges, count, line.range, stack, thread);
            line = Line{};
        }
    }
    raw::call(SYS_close, file);
    return count;
}

}  // namespace

OSBOT_CHILD void discard_engine_memory() {
    const auto stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const auto thread = reinterpret_cast<std::uintptr_t>(&errno);
    Range ranges[ranges_max];
    const int count = read_ranges(ranges, stack, thread);
    // DONTNEED instead of munmap: memory that is still needed by mistake reads as zero instead of crashing process 1.
    for (int i = 0; i < count; ++i)
        raw::call(SYS_madvise, ranges[i].from, ranges[i].to - ranges[i].from, MADV_DONTNEED);
}

}  // namespace osbot_aws::sandbox
