// Everything below report_crashes() runs in a signal handler: it uses only memory that exists already and calls only
// async-signal-safe functions (signal-safety(7)). backtrace(3) is not one: its first call loads libgcc_s.so, which the
// package of a function does not have. _Unwind_Backtrace() is linked into the program and does not allocate memory.
#include "runtime/crash_report.hpp"

#include <link.h>
#include <stdio_ext.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace osbot_aws::runtime {
namespace {

constexpr std::size_t modules_max = 64;  // later ones are shown as addresses
constexpr std::size_t frames_max = 64;   // of an endless recursion, the innermost
constexpr std::size_t module_name_max = 48;
constexpr std::size_t report_bytes_max = 8192;
constexpr std::size_t stack_bytes = 65536;  // unwinding takes about 10 KB

struct Crash_Signal {
    int number;
    std::string_view name, meaning;
    bool has_address;
};
constexpr std::array<Crash_Signal, 7> signals{{
    {SIGSEGV, "SIGSEGV", "invalid memory access", true},
    {SIGBUS, "SIGBUS", "invalid memory access", true},
    {SIGFPE, "SIGFPE", "invalid arithmetic, e.g. a division by zero", false},
    {SIGILL, "SIGILL", "invalid instruction", false},
    {SIGABRT, "SIGABRT", "abort() was called, e.g. for an uncaught exception", false},
    {SIGTRAP, "SIGTRAP", "trap", false},
    {SIGSYS, "SIGSYS", "system call not permitted", false},
}};

/// A loaded program or library.
struct Module {
    std::uintptr_t base = 0, begin = 0, end = 0;
    char name[module_name_max] = {};
};
std::array<Module, modules_max> modules;  // filled before main()
std::size_t module_count = 0;

int add_module(dl_phdr_info* info, std::size_t, void*) {
    if (module_count == modules_max) return 1;
    Module& module = modules[module_count];
    module.base = info->dlpi_addr;
    module.begin = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const auto& segment = info->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD) continue;
        module.begin = std::min<std::uintptr_t>(module.begin, module.base + segment.p_vaddr);
        module.end = std::max<std::uintptr_t>(module.end, module.base + segment.p_vaddr + segment.p_memsz);
    }
    // The first one is the program, whose file has another name in the package.
    const char* slash = std::strrchr(info->dlpi_name, '/');
    const std::string_view name = module_count == 0 ? "program" : slash != nullptr ? slash + 1 : info->dlpi_name;
    name.copy(module.name, module_name_max - 1);
    ++module_count;
    return 0;
}

const Module* module_of(std::uintptr_t address) {
    for (std::size_t i = 0; i < module_count; ++i)
        if (modules[i].begin <= address && address < modules[i].end) return &modules[i];
    return nullptr;
}

/// A text of limited size. Truncates longer ones.
class Report {
public:
    Report& operator<<(std::string_view text) {
        size_ += text.copy(bytes_.data() + size_, bytes_.size() - size_);
        return *this;
    }
    Report& hex(std::uintptr_t number) {
        char digits[2 * sizeof number];
        const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
        return *this << "0x" << std::string_view(digits, static_cast<std::size_t>(end - digits));
    }
    Report& place(std::uintptr_t address) {
        const Module* module = module_of(address);
        if (module == nullptr) return hex(address);
        return (*this << module->name << "+").hex(address - module->base);
    }
    void write() {
        for (std::size_t at = 0; at < size_;) {
            const ssize_t written = ::write(STDERR_FILENO, bytes_.data() + at, size_ - at);
            if (written <= 0) break;
            at += static_cast<std::size_t>(written);
        }
        size_ = 0;
    }

private:
    std::array<char, report_bytes_max> bytes_{};
    std::size_t size_ = 0;
};
Report report;  // static: the stack of the signal handler is small

/// The addresses of calls, from the innermost. Each is inside its call instruction, so that addr2line shows its line.
struct Frames {
    std::array<std::uintptr_t, frames_max> addresses{};
    std::size_t count = 0;
    std::uintptr_t crashed_at = 0;  // frames before this one belong to the signal handler

    void add(std::uintptr_t address) {
        if (count < frames_max) addresses[count++] = address;
    }
};

_Unwind_Reason_Code add_frame(_Unwind_Context* context, void* argument) {
    auto& frames = *static_cast<Frames*>(argument);
    int before_instruction = 0;
    const std::uintptr_t address = _Unwind_GetIPInfo(context, &before_instruction);
    if (frames.count == 0 && address != frames.crashed_at) return _URC_NO_REASON;
    if (frames.count == frames_max || address == 0) return _URC_END_OF_STACK;
    frames.add(before_instruction != 0 ? address : address - 1);
    return _URC_NO_REASON;
}

struct Registers {
    std::uintptr_t instruction, caller;  // caller: where a call to an invalid address came from
};

Registers registers_of(const ucontext_t& context) {
#if defined(__x86_64__)
    const auto& registers = context.uc_mcontext.gregs;
    const auto instruction = static_cast<std::uintptr_t>(registers[REG_RIP]);
    if (module_of(instruction) != nullptr) return {instruction, 0};
    std::uintptr_t caller = 0;  // on top of the stack: the call pushed it
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a register is a number
    std::memcpy(&caller, reinterpret_cast<const void*>(registers[REG_RSP]), sizeof caller);
    return {instruction, caller};
#elif defined(__aarch64__)
    return {context.uc_mcontext.pc, context.uc_mcontext.regs[30]};
#else
    static_cast<void>(context);
    return {0, 0};
#endif
}

/// Finds the call stack. A call through an invalid pointer has no frame that can be unwound: only its caller is known.
Frames frames_of(const ucontext_t& context) {
    const Registers registers = registers_of(context);
    Frames frames{.crashed_at = registers.instruction};
    if (module_of(registers.instruction) != nullptr) _Unwind_Backtrace(&add_frame, &frames);
    if (frames.count > 0) return frames;
    frames.add(registers.instruction);
    if (registers.caller != 0) frames.add(registers.caller - 1);
    return frames;
}

void write_signal(int number, const siginfo_t& info) {
    const auto* signal = std::ranges::find(signals, number, &Crash_Signal::number);
    if (signal == signals.end()) return;
    report << "[FATAL] " << signal->name << ": " << signal->meaning;
    if (signal->has_address) (report << " at address ").hex(reinterpret_cast<std::uintptr_t>(info.si_addr));
    report << "\n";
    report.write();
}

void write_frames(const Frames& frames) {
    for (std::size_t i = 0; i < frames.count; ++i) (report << "    ").place(frames.addresses[i]) << "\n";
    report << "[FATAL] for source lines, run: addr2line -Cfpie PROGRAM";
    for (std::size_t i = 0; i < frames.count; ++i)
        if (module_of(frames.addresses[i]) == &modules[0]) (report << " ").hex(frames.addresses[i] - modules[0].base);
    report << "\n";
    report.write();
}

/// Writes the text of printf and std::cout that has no line break yet. Reads the stream without its lock, which the
/// crashed thread may hold.
void write_incomplete_line() {
    const std::size_t size = ::__fpending(stdout);
    [[maybe_unused]] const ssize_t written = size > 0 ? ::write(STDOUT_FILENO, stdout->_IO_write_base, size) : 0;
}

std::atomic<pid_t> crashed_thread = 0;

extern "C" void on_crash(int number, siginfo_t* info, void* context) {
    pid_t none = 0;
    if (crashed_thread.compare_exchange_strong(none, ::gettid())) {
        write_incomplete_line();
        write_signal(number, *info);
        write_frames(frames_of(*static_cast<const ucontext_t*>(context)));
    } else if (none != ::gettid()) {
        for (;;) ::pause();  // another thread writes its report and ends the process
    }
    ::signal(number, SIG_DFL);
    ::raise(number);
}

}  // namespace

void report_crashes() {
    ::dl_iterate_phdr(&add_module, nullptr);
    alignas(16) static char stack[stack_bytes];  // a stack overflow leaves no space on the ordinary one
    const stack_t alternative{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
    ::sigaltstack(&alternative, nullptr);
    for (const Crash_Signal& crash : signals) {
        struct sigaction action {};
        if (::sigaction(crash.number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
        action.sa_sigaction = &on_crash;
        action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);  // the last one is unsigned
        ::sigaction(crash.number, &action, nullptr);
    }
}

}  // namespace osbot_aws::runtime
