#include "services/durable_reply.hpp"

#include <memory>
#include <utility>

#include "services/protocol_error.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

Reply durable_reply(Context& context, std::string service, Reply reply) {
    const std::uint64_t before = context.store.last_change();
    return [&context, before, service = std::move(service), reply = std::move(reply)](wire::Response response) {
        const std::uint64_t now = context.store.last_change();
        if (now == before) return reply(std::move(response));
        auto delayed = std::make_shared<wire::Response>(std::move(response));
        // The reply is moved to the task. A copy would be destroyed on the store's thread, and a reply may have the
        // last reference to its connection, which belongs to the loop.
        context.store.when_durable(now, [&loop = context.loop, delayed, service, reply](Result<void> written) mutable {
            loop.post([delayed, service, reply = std::exchange(reply, nullptr), written = std::move(written)] {
                if (written) return reply(std::move(*delayed));
                reply(protocol_error(service, written.error()));
            });
        });
    };
}

}  // namespace osbot_aws::services
