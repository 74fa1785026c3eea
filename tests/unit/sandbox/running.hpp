#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sandbox/sandbox.hpp"
#include "support/printers.hpp"

namespace osbot_aws::sandbox {

namespace fs = std::filesystem;

/// A temporary folder on the host, removed after the test.
class Scratch {
public:
    Scratch() {
        std::string name = (fs::temp_directory_path() / "sandbox_test.XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { fs::remove_all(folder_); }

    fs::path folder(const std::string& name) const {
        fs::create_directories(folder_ / name);
        return folder_ / name;
    }
    fs::path file(const std::string& name, const std::string& text) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }

private:
    fs::path folder_;
};

struct Outcome {
    std::string output;  ///< stdout and stderr
    Exit exit;
};

inline bool wait_for(int fd, int milliseconds = 20'000) {
    pollfd event = {fd, POLLIN, 0};
    return ::poll(&event, 1, milliseconds) == 1;
}

inline Exit wait_for_exit(Process& process) {
    EXPECT_TRUE(wait_for(process.exit_fd())) << "the process did not exit in time";
    const std::optional<Exit> ended = process.exit();
    EXPECT_TRUE(ended.has_value());
    return ended.value_or(Exit{});
}

/// Owns both ends of a pipe.
struct Pipe {
    Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        ::close(ends[0]);
        close_write_end();
    }
    void close_write_end() {
        if (ends[1] >= 0) ::close(ends[1]);
        ends[1] = -1;
    }
    /// Reads until the end of the file, or until the text contains `expected`.
    std::string read(const std::string& expected = "\xff") const {
        std::string text;
        char bytes[4096];
        while (text.find(expected) == std::string::npos && wait_for(ends[0])) {
            const ssize_t got = ::read(ends[0], bytes, sizeof bytes);
            if (got <= 0) break;
            text.append(bytes, static_cast<std::size_t>(got));
        }
        return text;
    }
    int ends[2] = {-1, -1};
};

/// Runs a process until it exits.
inline Result<Outcome> run(Sandbox& sandbox, Process_Spec spec) {
    Pipe pipe;
    spec.stdout_fd = spec.stderr_fd = pipe.ends[1];
    auto process = sandbox.start(spec);
    if (!process) return process.error();
    pipe.close_write_end();
    Outcome outcome;
    outcome.output = pipe.read();
    outcome.exit = wait_for_exit(**process);
    return outcome;
}

inline Process_Spec shell(const std::string& script) {
    Process_Spec spec;
    spec.argv = {"/bin/sh", "-c", script};
    spec.environment = {"PATH=/usr/bin:/bin"};
    return spec;
}

inline void PrintTo(const Exit& exit, std::ostream* out) {
    *out << "status " << exit.status << ", signal " << exit.signal << (exit.out_of_memory ? ", out of memory" : "");
}

}  // namespace osbot_aws::sandbox
