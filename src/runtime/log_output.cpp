#include "runtime/log_output.hpp"

#include <cstdio>
#include <iostream>
#include <streambuf>

namespace osbot_aws::runtime {
namespace {

/// Passes all text to a stdio stream, whose buffer is then the only one.
class Stdio_Buffer final : public std::streambuf {
public:
    explicit Stdio_Buffer(std::FILE* file) : file_(file) {}

protected:
    int_type overflow(int_type c) override {
        if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
        return std::fputc(c, file_);
    }
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        return static_cast<std::streamsize>(std::fwrite(text, 1, static_cast<std::size_t>(size), file_));
    }
    int sync() override { return std::fflush(file_); }

private:
    std::FILE* file_;
};

}  // namespace

void write_lines_immediately() { std::setvbuf(stdout, nullptr, _IOLBF, 0); }

void join_streams_with_stdio() {
    if (std::ios::sync_with_stdio(true)) return;  // returns the previous state, which it cannot change any more
    std::cout.flush();
    std::clog.flush();
    // Not destroyed: the streams are used until the process exits.
    static Stdio_Buffer& out = *new Stdio_Buffer(stdout);
    static Stdio_Buffer& err = *new Stdio_Buffer(stderr);
    std::cout.rdbuf(&out);
    std::clog.rdbuf(&err);
}

void flush_output() {
    std::cout.flush();
    std::clog.flush();
    std::fflush(nullptr);
}

}  // namespace osbot_aws::runtime
