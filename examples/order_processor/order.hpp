#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace shop {

/// One line of an order. Amounts are in cents, so that sums are exact.
struct Item {
    std::string sku;
    int quantity = 0;
    std::int64_t unit_price_cents = 0;
};

struct Order {
    std::string id;
    std::string customer_name;
    std::string country;  ///< ISO 3166 alpha-2; decides the tax
    std::vector<Item> items;
};

struct Totals {
    std::int64_t net_cents = 0;
    std::int64_t discount_cents = 0;
    std::int64_t tax_cents = 0;
    std::int64_t total_cents = 0;
};

/// Parses and validates an order. Throws Invalid_Order, which names the field, if a field is missing or invalid.
Order parse_order(const osbot_aws::Json& event);

/// Calculates the totals: the net sum, a discount of 5 % from 500.00, then the tax of the country. Discount and tax are
/// rounded half up per order.
Totals price(const Order& order);

/// Its name is the error type in the function's response.
struct Invalid_Order : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace shop
