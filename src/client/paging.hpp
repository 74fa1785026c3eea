#pragma once

#include <functional>
#include <limits>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::client {

/// How a list comes in pages: the member that holds the items, and the one that names the next page.
struct Pages {
    const char* items;       ///< Functions, events, Contents ...
    const char* next_token;  ///< NextMarker, nextToken, NextContinuationToken, Marker ...
};

/// All items of a list, or the pages until there are `enough`; `page` asks for one page, by the token that the page
/// before gave, "" for the first.
/// Errors: those of `page`; PaginationError when a page names itself as the next, which would never end.
Result<Json> all_pages(const Pages& names, const std::function<Result<Json>(const std::string& token)>& page,
                       std::size_t enough = std::numeric_limits<std::size_t>::max());

}  // namespace osbot_aws::client
