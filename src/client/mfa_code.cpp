#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "base/files.hpp"
#include "client/credential_sources.hpp"

namespace osbot_aws::client {
namespace {

/// Turns off the echo of a terminal until it is destroyed.
class Quiet_Terminal {
public:
    explicit Quiet_Terminal(int fd) : fd_(fd), has_attributes_(::tcgetattr(fd, &before_) == 0) {
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (has_attributes_) ::tcsetattr(fd_, TCSAFLUSH, &quiet);
    }
    ~Quiet_Terminal() {
        if (has_attributes_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }
    Quiet_Terminal(const Quiet_Terminal&) = delete;
    Quiet_Terminal& operator=(const Quiet_Terminal&) = delete;

private:
    int fd_;
    termios before_{};
    bool has_attributes_;
};

}  // namespace

Result<std::string> prompt_for_mfa_code(const std::string& serial) {
    // Opens the terminal itself, because standard input and output may be files.
    const base::Unique_Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal)
        return retrieval_error("assume-role",
                               fmt::format("an MFA code from {} is required, but there is no terminal for "
                                           "the prompt",
                                           serial));
    const auto show = [&](std::string_view text) { return ::write(terminal.fd(), text.data(), text.size()) >= 0; };
    std::string code;
    {
        const Quiet_Terminal quiet(terminal.fd());
        show(fmt::format("Enter MFA code for {}: ", serial));
        for (char c = '\0'; ::read(terminal.fd(), &c, 1) == 1 && c != '\n';) code += c;
    }
    show("\n");
    return code;
}

}  // namespace osbot_aws::client
