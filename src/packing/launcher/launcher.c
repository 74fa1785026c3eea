// `bootstrap` of a packed program: executes bin/program in the same folder, through the packed loader if the package
// has one. Freestanding, without libc, so that it runs on any Linux and starts quickly. System calls: execve, write,
// exit, access (faccessat), readlink (readlinkat).
#if defined(__x86_64__)
#define SYS_write 1
#define SYS_execve 59
#define SYS_exit 60
#define SYS_access 21
#define SYS_readlink 89
#define LOADER "lib/packed/ld-linux-x86-64.so.2"
static long system_call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}
__asm__(".globl _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
static long exists(const char* path) { return system_call(SYS_access, (long)path, 0, 0) == 0; }
static long read_link(const char* path, char* out, long size) {
    return system_call(SYS_readlink, (long)path, (long)out, size);
}
#elif defined(__aarch64__)
#define SYS_write 64
#define SYS_execve 221
#define SYS_exit 93
#define SYS_faccessat 48
#define SYS_readlinkat 78
#define LOADER "lib/packed/ld-linux-aarch64.so.1"
static long system_call4(long number, long a, long b, long c, long d) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}
static long system_call(long number, long a, long b, long c) { return system_call4(number, a, b, c, 0); }
__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl begin\n");
static long exists(const char* path) { return system_call4(SYS_faccessat, -100, (long)path, 0, 0) == 0; }
static long read_link(const char* path, char* out, long size) {
    return system_call4(SYS_readlinkat, -100, (long)path, (long)out, size);
}
#endif

enum { path_max = 4096, text_max = 32768, variables_max = 2048 };

static char root[path_max], self[path_max], loader[path_max], libraries[path_max], program[path_max];
static char program_variable[path_max], library_variable[text_max];
static const char* arguments[variables_max];
static const char* environment[variables_max];

static unsigned long length(const char* text) {
    unsigned long n = 0;
    while (text[n]) ++n;
    return n;
}

static int starts_with(const char* text, const char* start) {
    while (*start && *text == *start) ++text, ++start;
    return !*start;
}

// Truncates a string that is too long. The path then does not exist, and execve fails.
static void join(char* out, unsigned long size, const char* a, const char* b, const char* c) {
    const char* parts[] = {a, b, c};
    unsigned long n = 0;
    for (int i = 0; i < 3; ++i)
        for (const char* from = parts[i]; *from && n + 1 < size; ++from) out[n++] = *from;
    out[n] = 0;
}

static const char* variable(const char** from, const char* name_and_equals) {
    for (; *from; ++from)
        if (starts_with(*from, name_and_equals)) return *from + length(name_and_equals);
    return 0;
}

__attribute__((noreturn)) static void fail(const char* path) {
    system_call(SYS_write, 2, (long)"bootstrap: cannot execute ", 26);
    system_call(SYS_write, 2, (long)path, (long)length(path));
    system_call(SYS_write, 2, (long)"\n", 1);
    for (;;) system_call(SYS_exit, 127, 0, 0);
}

// The folder of this program, used outside of Lambda where LAMBDA_TASK_ROOT is not set.
static const char* own_folder(void) {
    long n = read_link("/proc/self/exe", self, path_max - 1);
    while (n > 0 && self[n - 1] != '/') --n;
    if (n <= 0) return "/var/task";
    self[n > 1 ? n - 1 : n] = 0;
    return self;
}

__attribute__((used, noreturn)) void begin(long* stack) {
    const long count = stack[0];
    const char** argv = (const char**)(stack + 1);
    const char** env = argv + count + 1;

    const char* task_root = variable(env, "LAMBDA_TASK_ROOT=");
    join(root, path_max, task_root ? task_root : own_folder(), "/", "");
    join(loader, path_max, root, LOADER, "");
    join(libraries, path_max, root, "lib/packed", "");
    join(program, path_max, root, "bin/program", "");
    const long with_loader = exists(loader);

    int e = 0;
    for (const char** from = env; *from && e + 3 < variables_max; ++from)
        if (with_loader || !starts_with(*from, "LD_LIBRARY_PATH=")) environment[e++] = *from;
    join(program_variable, path_max, "OSBOT_AWS_PROGRAM=", program,
         "");  // because with a packed loader, /proc/self/exe is the loader
    environment[e++] = program_variable;
    if (!with_loader) {
        // Not set with a packed loader: child processes use the system's loader, which must not load the packed C
        // library.
        const char* before = variable(env, "LD_LIBRARY_PATH=");
        join(library_variable, text_max, "LD_LIBRARY_PATH=", libraries, before ? ":" : "");
        join(library_variable + length(library_variable), text_max - length(library_variable), before ? before : "", "",
             "");
        environment[e++] = library_variable;
    }
    environment[e] = 0;

    int a = 0;
    if (with_loader) {
        arguments[a++] = loader;
        arguments[a++] = "--argv0";
        arguments[a++] = program;
        arguments[a++] = "--library-path";
        arguments[a++] = libraries;
    }
    arguments[a++] = program;
    for (long i = 1; i < count && a + 1 < variables_max; ++i) arguments[a++] = argv[i];
    arguments[a] = 0;

    system_call(SYS_execve, (long)(with_loader ? loader : program), (long)arguments, (long)environment);
    fail(with_loader ? loader : program);
}
