#pragma once

#include <functional>
#include <limits>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::client {

/// The members of a response that contain the items of a page and the token of the next page.
struct Pages {
    const char* items;       ///< Functions, events, Contents ...
    const char* next_token;  ///< NextMarker, nextToken, NextContinuationToken, Marker ...
};

/// Returns the items of all pages. Stops early once there are at least `stop_after` items. `page` requests one page by
/// its token, which is empty for the first page. Errors: those of `page`; PaginationError if the next token of a page
/// is the token of that page, which would loop forever.
Result<Json> all_pages(const Pages& names, const std::function<Result<Json>(const std::string& token)>& page,
                       std::size_t stop_after = std::numeric_limits<std::size_t>::max());

}  // namespace osbot_aws::client
