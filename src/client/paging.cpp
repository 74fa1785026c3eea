#include "client/paging.hpp"

#include <fmt/format.h>

#include "base/local_error.hpp"

namespace osbot_aws::client {

Result<Json> all_pages(const Pages& names, const std::function<Result<Json>(const std::string& token)>& page,
                       std::size_t stop_after) {
    Json all = Json::array();
    for (std::string token;;) {
        OSBOT_TRY(auto response, page(token));
        if (const auto items = response.find(names.items); items != response.end() && items->is_array()) {
            for (Json& item : *items) all.push_back(std::move(item));
        }
        if (all.size() >= stop_after) return all;
        const auto next = response.find(names.next_token);
        if (next == response.end() || !next->is_string() || next->get_ref<const std::string&>().empty()) return all;
        if (*next == token) return local_error("PaginationError", "The same next token was received twice: {}", token);
        token = next->get<std::string>();
    }
}

}  // namespace osbot_aws::client
