#pragma once

#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text_body.hpp"
#include "http/socket.hpp"
#include "wire/http.hpp"

namespace osbot_aws::http {

/// Parses the requests of a connection, one at a time. Bytes of pipelined requests wait.
class Request_Reader {
public:
    explicit Request_Reader(std::uint32_t header_bytes_max) : header_bytes_max_(header_bytes_max) {}

    /// Starts the next request.
    void begin();
    void add(std::string_view bytes) { waiting_ += bytes; }
    /// Parses the added bytes. Returns the error of a request that is not HTTP/1.1, or whose head, trailers or chunk
    /// extensions are too large.
    Error_Code parse();

    bool has_waiting_bytes() const { return !waiting_.empty(); }
    bool has_head() const { return head_.has_value(); }
    bool complete() const { return raw_rest_ ? *raw_rest_ == 0 : parser_->is_done(); }
    const wire::Request& head() const { return *head_; }  ///< without a body
    /// Moves the head out of the reader and adds the body.
    wire::Request take_request(wire::Body body);
    bool keep_alive() const { return parser_->get().keep_alive(); }
    bool is_head_request() const { return head_ && parser_->get().method() == boost::beast::http::verb::head; }
    bool has_length() const { return parser_->content_length().has_value(); }
    bool is_chunked() const { return parser_->chunked(); }
    /// Returns the declared size of the body, or the received size if that is larger.
    std::uint64_t body_size() const;
    /// Returns the missing bytes of a body with a length.
    std::uint64_t missing_bytes() const {
        return raw_rest_ ? *raw_rest_ : parser_->content_length_remaining().value_or(0);
    }
    /// Returns true once if the client waits for 100 Continue before it sends the body.
    bool take_expectation();

    /// Moves the body that was received out of the reader.
    std::string take_body() { return std::exchange(parser_->get().body(), {}); }
    /// Returns all fields, also the trailers of a complete body.
    wire::Headers fields() const;

    /// From here, bytes of a body with a length need no parser. Called when all added bytes were parsed.
    void read_raw() { raw_rest_ = missing_bytes(); }
    /// Returns the part of the bytes that belongs to the body; the rest waits.
    std::string_view take_raw(std::string_view bytes);

private:
    const std::uint32_t header_bytes_max_;
    std::optional<boost::beast::http::request_parser<base::Text_Body>> parser_;
    std::string waiting_;
    std::optional<wire::Request> head_;
    bool expectation_taken_ = false;
    std::optional<std::uint64_t> raw_rest_;
};

}  // namespace osbot_aws::http
