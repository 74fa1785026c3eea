#include "client/paging.hpp"

#include <fmt/format.h>

namespace osbot_aws::client {

Result<Json> all_pages(const Pages& names, const std::function<Result<Json>(const std::string& token)>& page,
                       std::size_t enough) {
    Json all = Json::array();
    for (std::string token;;) {
        auto answer = page(token);
        if (!answer) return answer.error();
        if (const auto items = answer->find(names.items); items != answer->end() && items->is_array()) {
            for (Json& item : *items) all.push_back(std::move(item));
        }
        if (all.size() >= enough) return all;
        const auto next = answer->find(names.next_token);
        if (next == answer->end() || !next->is_string() || next->get_ref<const std::string&>().empty()) return all;
        if (*next == token)
            return Error{"PaginationError", fmt::format("The same next token was received twice: {}", token), 0};
        token = next->get<std::string>();
    }
}

}  // namespace osbot_aws::client
