// A handler with the program's own types, and a lambda as a handler. docs/guide/01 quotes it.
// [start program]
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

struct Item {
    std::string name;
    double price = 0;
};
struct Order {
    std::string id;
    std::vector<Item> items;
};
struct Receipt {
    std::string order;
    double total = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Item, name, price)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, items)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Receipt, order, total)

Receipt process(const Order& order) {
    Receipt receipt{order.id};
    for (const Item& item : order.items) receipt.total += item.price;
    return receipt;
}

int main() {
    Deploy_Lambda deploy{handler<process>};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;
    const Order order{"A-1", {{"tea", 2.5}, {"cup", 4}}};
    std::cout << deploy.invoke(order) << '\n';  // {"order":"A-1","total":6.5}

    Json wrong = order;
    wrong["items"][0]["price"] = "2.5";
    std::cout << deploy.invoke(wrong)["error"] << '\n';
}
// [end program]

// [start lambda]
const Handler_Ref greet = handler<[](const Json& event) { return event.at("name"); }, "greet">;
// [end lambda]
