/* Injects faults of the disk: a library for LD_PRELOAD that lets calls on files below a folder fail by a seeded schedule.

   DISK_FAULTS_BELOW    only files below this folder fail
   DISK_FAULTS_CONTROL  a file of sizeof(struct control) bytes: the schedule, which the test may change at any time, and the
                        number of injected faults

   faults.py compiles and controls it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kind_full = 1, kind_io = 2, kind_short = 4 };                  /* ENOSPC, EIO, a part of the bytes */
enum { call_write = 1, call_sync = 2, call_truncate = 4, call_rename = 8, call_read = 16 };

struct control {
    _Atomic uint32_t per_million; /* probability of a fault; 0: none */
    _Atomic uint32_t kinds, calls;
    uint32_t unused;
    _Atomic uint64_t seed, considered, injected;
};

static struct control* control;
static const char* below;

__attribute__((constructor)) static void open_control(void) {
    const char* path = getenv("DISK_FAULTS_CONTROL");
    below = getenv("DISK_FAULTS_BELOW");
    if (path == NULL || below == NULL) return;
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void* const mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) control = mapped;
    close(fd);
}

static uint64_t mixed(uint64_t value) { /* splitmix64 */
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static int is_below(const char* path) {
    const size_t length = strlen(below);
    return strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int names_file_below(int fd) {
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = '\0';
    return is_below(path);
}

/* Returns the kind of fault for the next call, or 0. */
static int fault_of(int call, int kinds_of_call) {
    if (control == NULL || control->per_million == 0 || (control->calls & (uint32_t)call) == 0) return 0;
    const uint64_t number = atomic_fetch_add(&control->considered, 1);
    const uint64_t random = mixed(control->seed + mixed(number));
    if (random % 1000000 >= control->per_million) return 0;
    const int kinds = (int)control->kinds & kinds_of_call;
    int chosen[3], count = 0;
    for (int kind = kind_full; kind <= kind_short; kind <<= 1)
        if (kinds & kind) chosen[count++] = kind;
    return count == 0 ? 0 : chosen[(random >> 32) % (uint64_t)count];
}

static int fault_of_fd(int fd, int call, int kinds_of_call) {
    const int saved = errno;
    int kind = control != NULL && control->per_million != 0 && names_file_below(fd) ? fault_of(call, kinds_of_call) : 0;
    errno = saved;
    if (kind == 0) return 0;
    atomic_fetch_add(&control->injected, 1);
    if (kind == kind_full) errno = ENOSPC;
    if (kind == kind_io) errno = EIO;
    return kind;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ALL_KINDS (kind_full | kind_io | kind_short)

/* Fails, or continues with `size` bytes, which is less for a short write. */
#define FAIL_OR_SHORTEN(call, kinds, size)                      \
    const int kind = fault_of_fd(fd, call, kinds);              \
    if (kind == kind_full || kind == kind_io) return -1;        \
    if (kind == kind_short && size > 1) size /= 2

ssize_t write(int fd, const void* bytes, size_t size) {
    FAIL_OR_SHORTEN(call_write, ALL_KINDS, size);
    return NEXT(write)(fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
    FAIL_OR_SHORTEN(call_write, ALL_KINDS, size);
    return NEXT(pwrite)(fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
    FAIL_OR_SHORTEN(call_write, ALL_KINDS, size);
    return NEXT(pwrite64)(fd, bytes, size, offset);
}
ssize_t copy_file_range(int from, off64_t* from_offset, int fd, off64_t* offset, size_t size, unsigned flags) {
    FAIL_OR_SHORTEN(call_write, ALL_KINDS, size);
    return NEXT(copy_file_range)(from, from_offset, fd, offset, size, flags);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
    if (fault_of_fd(fd, call_write, kind_full | kind_io)) return -1;
    return NEXT(writev)(fd, parts, count);
}
size_t fwrite(const void* items, size_t size, size_t count, FILE* file) { /* the log of the engine */
    if (fault_of_fd(fileno(file), call_write, kind_full | kind_io)) return 0;
    return NEXT(fwrite)(items, size, count, file);
}
ssize_t read(int fd, void* bytes, size_t size) {
    if (fault_of_fd(fd, call_read, kind_io)) return -1;
    return NEXT(read)(fd, bytes, size);
}
ssize_t pread(int fd, void* bytes, size_t size, off_t offset) {
    if (fault_of_fd(fd, call_read, kind_io)) return -1;
    return NEXT(pread)(fd, bytes, size, offset);
}
ssize_t pread64(int fd, void* bytes, size_t size, off64_t offset) {
    if (fault_of_fd(fd, call_read, kind_io)) return -1;
    return NEXT(pread64)(fd, bytes, size, offset);
}
int fsync(int fd) {
    if (fault_of_fd(fd, call_sync, kind_full | kind_io)) return -1;
    return NEXT(fsync)(fd);
}
int fdatasync(int fd) {
    if (fault_of_fd(fd, call_sync, kind_full | kind_io)) return -1;
    return NEXT(fdatasync)(fd);
}
int syncfs(int fd) {
    if (fault_of_fd(fd, call_sync, kind_full | kind_io)) return -1;
    return NEXT(syncfs)(fd);
}
int ftruncate(int fd, off_t size) {
    if (fault_of_fd(fd, call_truncate, kind_full | kind_io)) return -1;
    return NEXT(ftruncate)(fd, size);
}
int ftruncate64(int fd, off64_t size) {
    if (fault_of_fd(fd, call_truncate, kind_full | kind_io)) return -1;
    return NEXT(ftruncate64)(fd, size);
}
int rename(const char* from, const char* to) {
    if (control != NULL && control->per_million != 0 && is_below(to)) {
        const int kind = fault_of(call_rename, kind_full | kind_io);
        if (kind != 0) {
            atomic_fetch_add(&control->injected, 1);
            errno = kind == kind_full ? ENOSPC : EIO;
            return -1;
        }
    }
    return NEXT(rename)(from, to);
}
