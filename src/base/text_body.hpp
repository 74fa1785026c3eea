#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace osbot_aws::base {

/// An HTTP body in a string for Beast's parsers, like Beast's string_body, which however reserves any length that the
/// peer declares. Members are templates because Beast's headers take seconds to compile.
struct Text_Body {
    using value_type = std::string;
    static constexpr std::uint64_t reserved_bytes_max = 80 << 20;  ///< memory for a body before it arrives

    class reader {
    public:
        template <class Header>
        reader(Header&, value_type& text) : text_(text) {}
        template <class Length, class Error_Code>
        void init(const Length& length, Error_Code& error) {
            error = {};
            if (length && *length <= reserved_bytes_max) text_.reserve(static_cast<std::size_t>(*length));
        }
        template <class Buffer, class Error_Code>
        std::size_t put(const Buffer& buffer, Error_Code& error) {
            error = {};
            text_.append(static_cast<const char*>(buffer.data()), buffer.size());
            return buffer.size();
        }
        template <class Error_Code>
        void finish(Error_Code& error) {
            error = {};
        }

    private:
        value_type& text_;
    };
};

}  // namespace osbot_aws::base
