#include "http/response_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>
#include <utility>

#include "base/http_fields.hpp"

namespace osbot_aws::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t file_block_bytes = 262'144;
constexpr std::size_t send_bytes_max = 1 << 20;  // in one system call

bool allows_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_of(int status) {
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
    return {reason.data(), reason.size()};
}

bool is_in_chunks(const wire::Response& response) {
    return response.body.stream() && response.headers.find("Content-Length") == nullptr;
}

bool has_body(const wire::Response& response, const Framing& framing) {
    return allows_body(response.status) && !framing.is_head_request;
}

void append_head(std::string& head, const wire::Response& response, const Framing& framing) {
    const auto out = std::back_inserter(head);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
    if (response.headers.find("Date") == nullptr) fmt::format_to(out, "Date: {}\r\n", framing.date);
    for (const auto& [name, value] : response.headers) base::append_field(head, name, value);
    for (const auto& [name, value] : framing.cors) base::append_field(head, name, value);
    if (is_in_chunks(response))
        head += "Transfer-Encoding: chunked\r\n";
    else if (allows_body(response.status) && response.headers.find("Content-Length") == nullptr)
        fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
    head += framing.keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace

/// Sends all bytes unless the client reads less than transfer_bytes_min in stalled_max.
template <class Buffers, class Done>
void Response_Writer::send(const Buffers& buffers, Done done) {
    const auto progress = [this, owner = owner_.lock(), next = std::size_t{0}](
                              const Error_Code& error, std::size_t sent) mutable -> std::size_t {
        if (sent >= next) {
            progress_deadline_ = Steady::now() + limits_.stalled_max;
            next = sent + limits_.transfer_bytes_min;
        }
        return error ? 0 : send_bytes_max;
    };
    asio::async_write(socket_, buffers, progress,
                      [this, owner = owner_.lock(), done = std::move(done)](const Error_Code& error, std::size_t) {
                          progress_deadline_.reset();
                          done(error);
                      });
}

void Response_Writer::write(wire::Response response, const Framing& framing) {
    head_ = std::exchange(delayed_, {});
    append_head(head_, response, framing);
    if (const auto stream = response.body.stream()) return write_stream(stream, is_in_chunks(response));
    body_ = has_body(response, framing) ? std::move(response.body) : wire::Body();
    slice_ = body_.file() != nullptr ? *body_.file() : wire::File_Slice();
    state_ = slice_.size > 0 ? State::sending_file : State::sending;
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_.bytes())};
    send(parts, [this](const Error_Code& error) {
        if (error) return;
        state_ == State::sending_file ? write_file_block() : finish(true);
    });
}

void Response_Writer::delay(const wire::Response& response, const Framing& framing) {
    append_head(delayed_, response, framing);
    if (has_body(response, framing)) delayed_ += response.body.bytes();
}

void Response_Writer::send_continue(std::function<void(const Error_Code&)> done) {
    static constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(
        socket_, asio::buffer(continue_head.data(), continue_head.size()),
        [owner = owner_.lock(), done = std::move(done)](const Error_Code& error, std::size_t) { done(error); });
}

void Response_Writer::finish(bool complete) {
    state_ = State::sent;
    body_ = {};
    being_sent_.clear();
    written_(complete);
}

void Response_Writer::write_file_block() {
    if (slice_.size == 0) {
        file_.reset();
        return finish(true);
    }
    if (!file_) file_.reset(::open(slice_.file->path().c_str(), O_RDONLY | O_CLOEXEC));
    being_sent_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(slice_.size, file_block_bytes)));
    const ssize_t bytes_read =
        ::pread(file_.fd(), being_sent_.data(), being_sent_.size(), static_cast<off_t>(slice_.offset));
    if (bytes_read <= 0) {  // the length was already sent, so only closing reports the error
        Error_Code ignored;
        socket_.close(ignored);
        return;
    }
    being_sent_.resize(static_cast<std::size_t>(bytes_read));
    slice_.offset += being_sent_.size();
    slice_.size -= being_sent_.size();
    send(asio::buffer(being_sent_), [this](const Error_Code& error) {
        if (!error) write_file_block();
    });
}

void Response_Writer::write_stream(const std::shared_ptr<wire::Body_Stream>& stream, bool in_chunks) {
    state_ = State::sending_stream;
    unsent_ = std::exchange(head_, {});
    stream_ = stream;
    stream->read(  // may end the stream
        [this, owner = owner_.lock(), in_chunks](std::string_view piece) {
            if (in_chunks)
                fmt::format_to(std::back_inserter(unsent_), "{:x}\r\n{}\r\n", piece.size(), piece);
            else
                unsent_ += piece;
            send_unsent();
        },
        [this, owner = owner_.lock(), in_chunks](const wire::Body_Stream::End& end) {
            stream_ = nullptr;
            // A missing last chunk, or fewer bytes than declared, shows the client that the body is incomplete.
            complete_ = end.complete;
            if (complete_ && in_chunks) unsent_ += "0\r\n\r\n";
            send_unsent();
        });
    send_unsent();
}

void Response_Writer::send_unsent() {
    if (stream_) stream_->set_unsent(unsent_.size() + being_sent_.size());
    if (!being_sent_.empty() || state_ != State::sending_stream) return;
    if (unsent_.empty()) {
        const auto stream = stream_;  // its writer may end it in this call
        return stream ? stream->request_more() : finish(complete_);
    }
    being_sent_.swap(unsent_);
    send(asio::buffer(being_sent_), [this](const Error_Code& error) {
        being_sent_.clear();
        error ? release() : send_unsent();
    });
}

void Response_Writer::release() {
    if (const auto stream = std::exchange(stream_, nullptr)) stream->abandon();
}

}  // namespace osbot_aws::http
