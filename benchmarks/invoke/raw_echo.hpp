#pragma once

#include <cstdint>
#include <memory>

namespace osbot_aws::bench {

/// The control: a Beast server on a thread of its own that sends each body back; no routing, no logging, nothing else.
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
