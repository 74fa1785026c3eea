#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace osbot_aws::base {

/// An HTTP body in a string, like Beast's string_body, which however reserves any length that the peer declares.
struct Text_Body {
    using value_type = std::string;
    static constexpr std::uint64_t reserved_bytes_max = 80 << 20;  ///< memory for a body before it arrives

    class reader {
    public:
        template <bool is_request, class Fields>
        reader(boost::beast::http::header<is_request, Fields>&, value_type& text) : text_(text) {}
        void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error) {
            error = {};
            if (length && *length <= reserved_bytes_max) text_.reserve(static_cast<std::size_t>(*length));
        }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
            error = {};
            const std::size_t before = text_.size();
            for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers))
                text_.append(static_cast<const char*>(buffer.data()), buffer.size());
            return text_.size() - before;
        }
        void finish(boost::system::error_code& error) { error = {}; }

    private:
        value_type& text_;
    };
};

}  // namespace osbot_aws::base
