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

/// Returns the items of all pages, or stops after the page with which there are at least `stop_after` items. `page`
/// requests one page by its token, which is empty for the first page. Errors: those of `page`; PaginationError if a
/// page has its own token as the next one, which would never end.
Result<Json> all_pages(const Pages& names, const std::function<Result<Json>(const std::string& token)>& page,
                       std::size_t stop_after = std::numeric_limits<std::size_t>::max());

}  // namespace osbot_aws::client
