#pragma once

#include <cstdint>
#include <memory>

namespace osbot_aws::bench {

/// The control: a Beast server on its own thread that returns each request's body, without routing or logging.
class Raw_Echo {
public:
    Raw_Echo();
    ~Raw_Echo();
    std::uint16_t port() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws::bench
