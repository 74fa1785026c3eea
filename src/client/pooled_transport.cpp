#include <mutex>
#include <utility>
#include <vector>

#include "client/transports.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::size_t idle_transports_max = 16;

class Pooled_Transport final : public Transport {
public:
    explicit Pooled_Transport(Make_Transport make) : make_(std::move(make)) {}

    /// If the call throws, its transport is destroyed, because its connection may still receive the response.
    Result<wire::Response> send(const wire::Request& request, const Send_Options& options) override {
        std::shared_ptr<Transport> transport = take();
        auto response = transport->send(request, options);
        give_back(std::move(transport));
        return response;
    }

private:
    std::shared_ptr<Transport> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                std::shared_ptr<Transport> transport = std::move(idle_.back());
                idle_.pop_back();
                return transport;
            }
        }
        return make_();
    }

    void give_back(std::shared_ptr<Transport> transport) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < idle_transports_max) idle_.push_back(std::move(transport));
    }

    Make_Transport make_;
    std::mutex mutex_;
    std::vector<std::shared_ptr<Transport>> idle_;  ///< the most recently used one is last
};

}  // namespace

std::shared_ptr<Transport> make_pooled_transport(Make_Transport make) {
    return std::make_shared<Pooled_Transport>(std::move(make));
}

}  // namespace osbot_aws::client
