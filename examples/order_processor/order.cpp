#include "order.hpp"

#include <cmath>
#include <map>

namespace shop {
namespace {

using osbot_aws::Json;

constexpr std::int64_t discount_from_cents = 500'00;
constexpr std::int64_t discount_percent = 5;
constexpr int quantity_max = 10'000;

const Json& required_field(const Json& object, const char* field) {
    if (!object.is_object() || !object.contains(field)) throw Invalid_Order(std::string(field) + " is missing");
    return object.at(field);
}

std::string required_string(const Json& object, const char* field) {
    const Json& value = required_field(object, field);
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
        throw Invalid_Order(std::string(field) + " must be a non-empty string");
    }
    return value.get<std::string>();
}

std::int64_t cents(const Json& price, const std::string& sku) {
    if (!price.is_number() || price.get<double>() < 0)
        throw Invalid_Order("unit_price of " + sku + " must be a number, 0 or greater");
    return std::llround(price.get<double>() * 100);
}

Item parse_item(const Json& json) {
    Item item{.sku = required_string(json, "sku")};
    const Json& quantity = required_field(json, "quantity");
    if (!quantity.is_number_integer() || quantity.get<std::int64_t>() < 1 ||
        quantity.get<std::int64_t>() > quantity_max) {
        throw Invalid_Order("quantity of " + item.sku + " must be a whole number from 1 to " +
                            std::to_string(quantity_max));
    }
    item.quantity = quantity.get<int>();
    item.unit_price_cents = cents(required_field(json, "unit_price"), item.sku);
    return item;
}

std::int64_t percent_of(std::int64_t amount, std::int64_t percent) { return (amount * percent + 50) / 100; }

std::int64_t tax_percent(const std::string& country) {
    static const std::map<std::string, std::int64_t> rates{{"DE", 19}, {"FR", 20}, {"GB", 20},
                                                           {"IE", 23}, {"PT", 23}, {"US", 0}};
    const auto rate = rates.find(country);
    if (rate == rates.end()) throw Invalid_Order("country " + country + " is not supported");
    return rate->second;
}

}  // namespace

Order parse_order(const Json& event) {
    const Json& customer = required_field(event, "customer");
    Order order{.id = required_string(event, "order_id"),
                .customer_name = required_string(customer, "name"),
                .country = required_string(customer, "country"),
                .items = {}};
    const Json& items = required_field(event, "items");
    if (!items.is_array() || items.empty()) throw Invalid_Order("items must have at least one item");
    for (const Json& item : items) order.items.push_back(parse_item(item));
    return order;
}

Totals price(const Order& order) {
    Totals totals;
    for (const Item& item : order.items) totals.net_cents += item.quantity * item.unit_price_cents;
    if (totals.net_cents >= discount_from_cents) totals.discount_cents = percent_of(totals.net_cents, discount_percent);
    const std::int64_t taxable_cents = totals.net_cents - totals.discount_cents;
    totals.tax_cents = percent_of(taxable_cents, tax_percent(order.country));
    totals.total_cents = taxable_cents + totals.tax_cents;
    return totals;
}

}  // namespace shop
