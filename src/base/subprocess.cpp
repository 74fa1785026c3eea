#include "base/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/files.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::base {
namespace {

using Steady_Clock = std::chrono::steady_clock;

struct Pipe {
    Unique_Fd read, write;
};

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return local_error("FileError", "cannot create a pipe: {}", std::strerror(errno));
    return Pipe{Unique_Fd(ends[0]), Unique_Fd(ends[1])};
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

/// Owns posix_spawn's two settings objects.
struct Spawn_Settings {
    Spawn_Settings() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        // A separate process group, so that all its processes can be killed together. Default signal actions, because
        // the host program may ignore SIGPIPE.
        sigset_t all, none;
        ::sigfillset(&all);
        ::sigemptyset(&none);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~Spawn_Settings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    Spawn_Settings(const Spawn_Settings&) = delete;
    Spawn_Settings& operator=(const Spawn_Settings&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

Result<pid_t> spawn(const Program& program, const Pipe& input, const Pipe& output, const Pipe& errors) {
    Spawn_Settings settings;
    if (program.input.empty())
        ::posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);
    else
        ::posix_spawn_file_actions_adddup2(&settings.actions, input.read.fd(), 0);
    ::posix_spawn_file_actions_adddup2(&settings.actions, output.write.fd(), 1);
    ::posix_spawn_file_actions_adddup2(&settings.actions, program.output_together ? 1 : errors.write.fd(), 2);
    if (!program.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&settings.actions, program.folder.c_str());
    const std::vector<char*> argv = pointers_to(program.argv);
    const std::vector<char*> environment =
        program.environment ? pointers_to(*program.environment) : std::vector<char*>();
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, argv[0], &settings.actions, &settings.attributes, argv.data(),
                                     program.environment ? environment.data() : environ);
    if (error != 0)
        return local_error("NotExecutable", "cannot run {}: {}", program.argv.front(), std::strerror(error));
    return pid;
}

/// The parent's ends of the three pipes, and the input that has not been sent yet.
class Conversation {
public:
    Conversation(const Program& program, Unique_Fd input, Unique_Fd output, Unique_Fd errors)
        : program_(program), unsent_(program.input), fds_{std::move(input), std::move(output), std::move(errors)} {
        if (unsent_.empty()) fds_[0].reset();
        if (fds_[0]) ::fcntl(fds_[0].fd(), F_SETFL, O_NONBLOCK);
    }

    /// Transfers data until both outputs are closed, or the program has ended: processes that it left running, which
    /// have its outputs, are not waited for. Returns false if the time limit passed first, or at a cancellation.
    bool run(Program_End& end, int pidfd) {
        const auto until = Steady_Clock::now() + program_.time_max;
        while (fds_[1] || fds_[2]) {
            const auto remaining_ms = std::chrono::ceil<std::chrono::milliseconds>(until - Steady_Clock::now()).count();
            if (remaining_ms <= 0) return false;
            std::array<pollfd, 5> events{};
            for (std::size_t i = 0; i < 3; ++i)
                events[i] = {fds_[i].fd(), static_cast<short>(i == 0 ? POLLOUT : POLLIN), 0};
            events[3] = {cancellation_fd, POLLIN, 0};
            events[4] = {pidfd, POLLIN, 0};
            ::poll(events.data(), events.size(), static_cast<int>(std::min<std::int64_t>(remaining_ms, 60'000)));
            if (events[3].revents != 0) return false;
            if (events[0].revents != 0) send();
            if (events[1].revents != 0) receive(fds_[1], end.output);
            if (events[2].revents != 0) receive(fds_[2], end.errors);
            if (events[4].revents != 0) return receive_rest(end), true;
        }
        return true;
    }

private:
    void send() {
        // A program that does not read its input is not an error. Pipes have no MSG_NOSIGNAL, so SIGPIPE is blocked.
        sigset_t pipe_signal, before;
        ::sigemptyset(&pipe_signal);
        ::sigaddset(&pipe_signal, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
        const ssize_t sent = ::write(fds_[0].fd(), unsent_.data(), unsent_.size());
        const bool closed = sent < 0 && errno != EAGAIN;
        if (closed) {
            const timespec now{};
            ::sigtimedwait(&pipe_signal, nullptr, &now);
        }
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (sent > 0) unsent_.remove_prefix(static_cast<std::size_t>(sent));
        if (closed || unsent_.empty()) fds_[0].reset();
    }

    /// Receives what an ended program has written. Another process may continue to write: that has a limit.
    void receive_rest(Program_End& end) {
        constexpr int blocks_max = 1024;
        for (const std::size_t from : {1, 2}) {
            if (fds_[from]) ::fcntl(fds_[from].fd(), F_SETFL, O_NONBLOCK);
            for (int block = 0; fds_[from] && block < blocks_max; ++block)
                receive(fds_[from], from == 1 ? end.output : end.errors);
        }
    }

    void receive(Unique_Fd& from, std::string& text) const {
        std::array<char, 65'536> block;
        const ssize_t received = ::read(from.fd(), block.data(), block.size());
        if (received <= 0) {
            if (received == 0 || errno != EINTR) from.reset();
            return;
        }
        const std::size_t capacity = program_.output_bytes_max - std::min(text.size(), program_.output_bytes_max);
        text.append(block.data(), std::min(static_cast<std::size_t>(received), capacity));
    }

    const Program& program_;
    std::string_view unsent_;
    std::array<Unique_Fd, 3> fds_;
};

/// Waits for the process and reaps it. Kills its process group at the time limit, or at a cancellation.
int wait_for(pid_t pid, const Unique_Fd& pidfd, bool kill_now, Steady_Clock::time_point until, bool& timed_out) {
    if (!kill_now && pidfd) {
        std::array<pollfd, 2> events{{{pidfd.fd(), POLLIN, 0}, {cancellation_fd, POLLIN, 0}}};
        int ready = 0;
        do {
            const auto remaining_ms = std::chrono::ceil<std::chrono::milliseconds>(until - Steady_Clock::now()).count();
            ready = ::poll(events.data(), events.size(),
                           static_cast<int>(std::clamp<std::int64_t>(remaining_ms, 0, 60'000)));
        } while (ready <= 0 && Steady_Clock::now() < until);
        kill_now = ready <= 0 || events[0].revents == 0;
        timed_out = kill_now;
    }
    // Kills all processes that the program left running. This happens before it is reaped, because its process id
    // cannot be reused until then.
    siginfo_t information{};
    if (!kill_now) ::waitid(P_PID, static_cast<id_t>(pid), &information, WEXITED | WNOWAIT);
    ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

}  // namespace

Result<Program_End> run_program(const Program& program) {
    auto input = make_pipe(), output = make_pipe(), errors = make_pipe();
    for (const auto* pipe : {&input, &output, &errors})
        if (!*pipe) return pipe->error();
    const auto until = Steady_Clock::now() + program.time_max;
    OSBOT_TRY(auto pid, spawn(program, *input, *output, *errors));
    for (Unique_Fd* child_end : {&input->read, &output->write, &errors->write}) child_end->reset();

    const Unique_Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    Program_End end;
    Conversation conversation(program, std::move(input->write), std::move(output->read), std::move(errors->read));
    end.timed_out = !conversation.run(end, pidfd.fd());
    const int status = wait_for(pid, pidfd, end.timed_out, until, end.timed_out);
    end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return end;
}

}  // namespace osbot_aws::base
