#include "http/request_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>

namespace osbot_aws::http {
namespace http = boost::beast::http;

void Request_Reader::begin() {
    parser_.emplace();
    parser_->eager(false);  // the head alone: Beast adds trailers to the same fields
    parser_->header_limit(header_bytes_max_);
    parser_->body_limit(boost::none);  // the limit depends on the head and is checked separately
    head_.reset();
    raw_rest_.reset();
    expectation_taken_ = false;
}

Error_Code Request_Reader::parse() {
    std::size_t used = 0;
    Error_Code error;
    while (used < waiting_.size() && !parser_->is_done() && !error) {
        const std::size_t parsed =
            parser_->put(boost::asio::buffer(waiting_.data() + used, waiting_.size() - used), error);
        used += parsed;
        if (parsed == 0) break;
        if (!parser_->is_header_done() || head_) continue;
        const auto& message = parser_->get();
        head_ = {.method = std::string(message.method_string()),
                 .target = std::string(message.target()),
                 .headers = fields(),
                 .body = {}};
        parser_->eager(true);
    }
    waiting_.erase(0, used);
    if (error && error != http::error::need_more) return error;
    // Chunk extensions and trailers are parsed when they are complete. Until then they wait.
    const bool too_large = head_ && !parser_->is_done() && waiting_.size() > header_bytes_max_;
    return too_large ? make_error_code(http::error::header_limit) : Error_Code();
}

wire::Request Request_Reader::take_request(wire::Body body) {
    wire::Request request = std::move(*head_);
    request.body = std::move(body);
    return request;
}

std::uint64_t Request_Reader::body_size() const {
    return std::max<std::uint64_t>(parser_->content_length().value_or(0), parser_->get().body().size());
}

bool Request_Reader::take_expectation() {
    const bool expects = !expectation_taken_ && parser_->get()[http::field::expect] == "100-continue";
    expectation_taken_ = expectation_taken_ || expects;
    return expects;
}

wire::Headers Request_Reader::fields() const {
    wire::Headers fields;
    for (const auto& field : parser_->get()) fields.add(std::string(field.name_string()), std::string(field.value()));
    return fields;
}

std::string_view Request_Reader::take_raw(std::string_view bytes) {
    const std::string_view of_body = bytes.substr(0, *raw_rest_);
    waiting_ += bytes.substr(of_body.size());
    *raw_rest_ -= of_body.size();
    return of_body;
}

}  // namespace osbot_aws::http
