#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "base/files.hpp"
#include "client/credential_places.hpp"

namespace osbot_aws::client {
namespace {

/// Keeps a terminal from showing what is typed.
class Quiet_Terminal {
public:
    explicit Quiet_Terminal(int fd) : fd_(fd), known_(::tcgetattr(fd, &before_) == 0) {
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (known_) ::tcsetattr(fd_, TCSAFLUSH, &quiet);
    }
    ~Quiet_Terminal() {
        if (known_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }
    Quiet_Terminal(const Quiet_Terminal&) = delete;
    Quiet_Terminal& operator=(const Quiet_Terminal&) = delete;

private:
    int fd_;
    termios before_{};
    bool known_;
};

}  // namespace

Result<std::string> typed_mfa_code(const std::string& serial) {
    // The terminal itself: the program's input and output may be files.
    const base::Unique_Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal)
        return retrieval_error("assume-role", fmt::format("a code of {} is needed, and there is no terminal to type it "
                                                          "at",
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
