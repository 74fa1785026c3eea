#include "order.hpp"

#include <cmath>
#include <map>

namespace shop {
namespace {

using osbot_aws::Json;

constexpr std::int64_t discount_from_cents = 500'00;
constexpr std::int64_t discount_percent = 5;
constexpr int quantity_max = 10'000;

const Json& required(const Json& object, const char* field) {
    if (!object.is_object() || !object.contains(field)) throw Invalid_Order(std::string(field) + " is missing");
    return object.at(field);
}

std::string required_text(const Json& object, const char* field) {
    const Json& value = required(object, field);
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
        throw Invalid_Order(std::string(field) + " must be a text");
    }
    return value.get<std::string>();
}

std::int64_t cents(const Json& price, const std::string& sku) {
    if (!price.is_number() || price.get<double>() < 0)
        throw Invalid_Order("unit_price of " + sku + " must be a number from 0");
    return std::llround(price.get<double>() * 100);
}

Item parse_item(const Json& json) {
    Item item{.sku = required_text(json, "sku")};
    const Json& quantity = required(json, "quantity");
    if (!quantity.is_number_integer() || quantity.get<std::int64_t>() < 1 ||
        quantity.get<std::int64_t>() > quantity_max) {
        throw Invalid_Order("quantity of " + item.sku + " must be a whole number from 1 to " +
                            std::to_string(quantity_max));
    }
    item.quantity = quantity.get<int>();
    item.unit_price_cents = cents(required(json, "unit_price"), item.sku);
    return item;
}

std::int64_t percent_of(std::int64_t amount, std::int64_t percent) { return (amount * percent + 50) / 100; }

std::int64_t tax_percent(const std::string& country) {
    static const std::map<std::string, std::int64_t> rates{{"DE", 19}, {"FR", 20}, {"GB", 20},
                                                           {"IE", 23}, {"PT", 23}, {"US", 0}};
    const auto rate = rates.find(country);
    if (rate == rates.end()) throw Invalid_Order("country " + country + " is not one we ship to");
    return rate->second;
}

}  // namespace

Order parse_order(const Json& event) {
    const Json& customer = required(event, "customer");
    Order order{.id = required_text(event, "order_id"),
                .customer_name = required_text(customer, "name"),
                .country = required_text(customer, "country"),
                .items = {}};
    const Json& items = required(event, "items");
    if (!items.is_array() || items.empty()) throw Invalid_Order("items must have at least one item");
    for (const Json& item : items) order.items.push_back(parse_item(item));
    return order;
}

Totals price(const Order& order) {
    Totals totals;
    for (const Item& item : order.items) totals.net_cents += item.quantity * item.unit_price_cents;
    if (totals.net_cents >= discount_from_cents) totals.discount_cents = percent_of(totals.net_cents, discount_percent);
    const std::int64_t taxed = totals.net_cents - totals.discount_cents;
    totals.tax_cents = percent_of(taxed, tax_percent(order.country));
    totals.total_cents = taxed + totals.tax_cents;
    return totals;
}

}  // namespace shop
