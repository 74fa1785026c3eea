// A program with handlers of every kind, for serve_test. In Lambda, its main must not continue after serve_if_lambda().
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <osbot_aws/runtime/handler.hpp>

using namespace osbot_aws;

namespace shop {

struct Out_Of_Stock : std::runtime_error {
    using std::runtime_error::runtime_error;
};

Json price(const Json& event, const Context& context) {
    std::printf("pricing %s\n", event.at("item").get<std::string>().c_str());
    return {{"item", event.at("item")}, {"request", context.request_id}, {"memory", context.memory_limit_mb}};
}

Json sold_out(const Json&, const Context&) { throw Out_Of_Stock("no more of these"); }

// Handlers with other signatures, and types that nlohmann's macros convert.
struct Item {
    std::string name;
    double price = 0;
};
struct Order {
    std::string id;
    std::vector<Item> items;
};
struct Receipt {
    std::string id;
    double total = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Item, name, price)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, items)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Receipt, id, total)

Receipt typed(const Order& order) noexcept {
    Receipt receipt{order.id, 0};
    for (const Item& item : order.items) receipt.total += item.price;
    return receipt;
}
Json by_value(Json event, Context context) { return {{"event", std::move(event)}, {"request", context.request_id}}; }
Json without_context(const Json& event) { return event; }
void without_result(const Json&, const Context&) noexcept {}
Json without_event() { return "none"; }
std::string json_text(const Json& event) { return event.at("text").get<std::string>(); }
void typed_pieces(const Order& order, Response_Writer& response) { response.write(order.id); }
template <class T, int n>
Json instance(const T&) {
    return n;
}

}  // namespace shop

namespace {

std::string echo(std::string_view event, const Context&) { return std::string(event); }

void pieces(std::string_view, const Context&, Response_Writer& response) {
    response.write("one ");
    response.write("two");
}

Json throws_a_number(const Json&, const Context&) { throw 7; }

Json throws_nested() {
    try {
        try {
            throw std::out_of_range("no row 7");
        } catch (...) { std::throw_with_nested(std::invalid_argument("no such customer")); }
    } catch (...) { std::throw_with_nested(shop::Out_Of_Stock("cannot price the order")); }
}

[[gnu::noinline]] void store_at(volatile int* address) { *address = 1; }
[[gnu::noinline]] int call_at(int (*function)()) { return function() + 1; }  // not a tail call, which leaves no frame

[[gnu::noinline]] int overflow_stack(int depth) {  // NOLINT(misc-no-recursion): on purpose
    volatile char block[4096] = {};
    block[static_cast<std::size_t>(depth) % sizeof block] = 1;
    return depth < 0 ? 0 : overflow_stack(depth + 1) + block[7];
}

/// Prints a line and a half, and ends the process in the way that the event names.
void print_and_end(std::string_view how) {
    std::cout << "from cout\n";
    std::printf("from printf\nhalf a line");
    if (how == "_exit") ::_exit(3);
    if (how == "abort") std::abort();
    if (how == "kill") ::raise(SIGKILL);
    if (how == "segfault") store_at(nullptr);
    if (static int (*volatile none)() = nullptr; how == "null call") std::printf("%d", call_at(none));
    if (how == "overflow") overflow_stack(1);
    if (how == "wait") ::pause();
}

void fail() { throw std::runtime_error("from a noexcept function"); }
void terminate() noexcept { fail(); }

Json about_the_call(const Json&, const Context& context) {
    return {{"arn", context.invoked_function_arn},
            {"name", context.function_name},
            {"version", context.function_version},
            {"log_group", context.log_group},
            {"log_stream", context.log_stream},
            {"trace", context.trace_id},
            {"client", context.client_context},
            {"identity", context.identity},
            {"deadline_ms", std::chrono::floor<std::chrono::milliseconds>(context.deadline.time_since_epoch()).count()},
            {"has_time", context.remaining_time().count() > 0}};
}

const Handler_Ref all[] = {handler<shop::price>,
                           handler<shop::sold_out>,
                           handler<echo>,
                           handler<pieces>,
                           handler<throws_a_number>,
                           handler<about_the_call>,
                           handler<shop::typed>,
                           handler<shop::by_value>,
                           handler<shop::without_context>,
                           handler<shop::without_result>,
                           handler<shop::without_event>,
                           handler<shop::json_text>,
                           handler<shop::typed_pieces>,
                           handler<shop::instance<Json, 2>, "instance_2">,
                           handler<[](const Json& event, const Context&) { return event.at("item"); }>,
                           handler<[](const Json& event) noexcept { return event.size(); }, "size">,
                           handler<throws_nested>,
                           handler<print_and_end>,
                           handler<terminate>};

}  // namespace

int main() {
    if (std::getenv("UNSYNCHRONISED") != nullptr) std::ios::sync_with_stdio(false);
    if (std::getenv("FAIL_IN_INIT") != nullptr) {
        std::cout << "connecting\n";
        throw std::runtime_error("no configuration");
    }
    serve_if_lambda();
    std::puts("main continues");
    return all[0].call == nullptr;
}
