#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace shop {

/// One line of an order; money is in cents, so that sums are exact.
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

/// Throws Invalid_Order, naming the field, when something is missing or makes no sense.
Order parse_order(const osbot_aws::Json& event);

/// Net sum, 5 % off from 500.00 on, then the tax of the country, rounded half up per order.
Totals price(const Order& order);

/// The error type that a caller of the Lambda sees.
struct Invalid_Order : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace shop
